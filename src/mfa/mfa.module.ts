/** The second factor: authenticator, its limits, enrollment, challenge, and Profile > Security. */
import { Module } from '@nestjs/common';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { AuthenticatorStore } from './authenticator.store.js';
import { ChallengeController } from './challenge.controller.js';
import { CodeCheck } from './code-check.service.js';
import { CodeTriesStore } from './code-tries.store.js';
import { EnrollController } from './enroll.controller.js';
import { Enrollment } from './enrollment.service.js';
import { PendingAuthenticatorStore } from './pending-authenticator.store.js';
import { ReplaceAuthenticatorController } from './replace-authenticator.controller.js';
import { SecurityController } from './security.controller.js';
import { TwoFactorChoiceController } from './two-factor-choice.controller.js';

@Module({
  imports: [SessionsModule, UsersModule],
  controllers: [ChallengeController, EnrollController, ReplaceAuthenticatorController, SecurityController, TwoFactorChoiceController],
  providers: [AuthenticatorStore, CodeCheck, CodeTriesStore, Enrollment, PendingAuthenticatorStore],
  exports: [AuthenticatorStore, CodeCheck, CodeTriesStore],
})
export class MfaModule {}
