/** The tenant: its policy, and Organization > Configuration. */
import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { MailModule } from '../mail/mail.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { SmsModule } from '../sms/sms.module.js';
import { UsersModule } from '../users/users.module.js';
import { ConfigurationPages } from './configuration-pages.service.js';
import { ConfigurationController } from './configuration.controller.js';
import { OrganizationStore } from './organization.store.js';
import { Policy } from './policy.service.js';
import { SetupLinkStore } from './setup-link.store.js';
import { TwoFactorReminderStore } from './two-factor-reminder.store.js';
import { TwoFactorReminders } from './two-factor-reminders.service.js';
import { TouchedMembersStore } from './touched-members.store.js';

@Module({
  imports: [AuditModule, MailModule, SessionsModule, SmsModule, UsersModule],
  controllers: [ConfigurationController],
  providers: [
    ConfigurationPages,
    OrganizationStore,
    Policy,
    SetupLinkStore,
    TouchedMembersStore,
    TwoFactorReminders,
    TwoFactorReminderStore,
  ],
  exports: [OrganizationStore, SetupLinkStore],
})
export class OrganizationsModule {}
