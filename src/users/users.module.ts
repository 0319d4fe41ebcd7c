/** People: their rows, their passwords, and Profile > Details. */
import { Module } from '@nestjs/common';
import { SessionsModule } from '../sessions/sessions.module.js';
import { DetailsController } from './details.controller.js';
import { Passwords } from './passwords.service.js';
import { UserStore } from './user.store.js';

@Module({
  imports: [SessionsModule],
  controllers: [DetailsController],
  providers: [Passwords, UserStore],
  exports: [Passwords, UserStore],
})
export class UsersModule {}
