/** Sign-in, sign-out, set-up and step-up: the top room. */
import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { MfaModule } from '../mfa/mfa.module.js';
import { OrganizationsModule } from '../organizations/organizations.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { PasswordGuessing } from './password-guessing.service.js';
import { PasswordTriesStore } from './password-tries.store.js';
import { SetupController } from './setup.controller.js';
import { Setup } from './setup.service.js';
import { SignInController } from './sign-in.controller.js';
import { SignIn } from './sign-in.service.js';
import { SignOutController } from './sign-out.controller.js';
import { StepUpController } from './step-up.controller.js';

@Module({
  imports: [AuditModule, SessionsModule, UsersModule, OrganizationsModule, MfaModule],
  controllers: [SignInController, SignOutController, StepUpController, SetupController],
  providers: [PasswordGuessing, PasswordTriesStore, Setup, SignIn],
  exports: [PasswordGuessing, Setup],
})
export class AuthModule {}
