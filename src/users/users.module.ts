/** People: their rows, their passwords, and Profile > Details and Profile > Sessions. */
import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { MailModule } from '../mail/mail.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { Arrivals } from './arrivals.service.js';
import { DetailsController } from './details.controller.js';
import { ProfileDetails } from './details.service.js';
import { KnownDeviceStore } from './known-device.store.js';
import { MemberMail } from './member-mail.service.js';
import { MembershipStore } from './membership.store.js';
import { OwnSessions } from './own-sessions.service.js';
import { Passwords } from './passwords.service.js';
import { SessionsController } from './sessions.controller.js';
import { SignInRowStore } from './sign-in-row.store.js';
import { UserStore } from './user.store.js';

@Module({
  imports: [AuditModule, SessionsModule, MailModule],
  controllers: [DetailsController, SessionsController],
  providers: [Arrivals, KnownDeviceStore, MemberMail, MembershipStore, OwnSessions, Passwords, ProfileDetails, SignInRowStore, UserStore],
  exports: [Arrivals, KnownDeviceStore, MemberMail, MembershipStore, Passwords, SignInRowStore, UserStore],
})
export class UsersModule {}
