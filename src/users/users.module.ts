/** People: their rows, their passwords, and Profile > Details. */
import { Module } from '@nestjs/common';
import { MailModule } from '../mail/mail.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { DetailsController } from './details.controller.js';
import { ProfileDetails } from './details.service.js';
import { MemberMail } from './member-mail.service.js';
import { Passwords } from './passwords.service.js';
import { UserStore } from './user.store.js';

@Module({
  imports: [SessionsModule, MailModule],
  controllers: [DetailsController],
  providers: [MemberMail, Passwords, ProfileDetails, UserStore],
  exports: [MemberMail, Passwords, UserStore],
})
export class UsersModule {}
