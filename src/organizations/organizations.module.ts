/** The tenant: its policy, and Organization > Configuration. */
import { Module } from '@nestjs/common';
import { SessionsModule } from '../sessions/sessions.module.js';
import { SmsModule } from '../sms/sms.module.js';
import { ConfigurationPages } from './configuration-pages.service.js';
import { ConfigurationController } from './configuration.controller.js';
import { OrganizationStore } from './organization.store.js';
import { Policy } from './policy.service.js';
import { SetupLinkStore } from './setup-link.store.js';

@Module({
  imports: [SessionsModule, SmsModule],
  controllers: [ConfigurationController],
  providers: [ConfigurationPages, OrganizationStore, Policy, SetupLinkStore],
  exports: [OrganizationStore, SetupLinkStore],
})
export class OrganizationsModule {}
