/** The second factor: authenticator and codes by SMS, their limits, enrollment, challenge, and Profile > Security. */
import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { SmsModule } from '../sms/sms.module.js';
import { UsersModule } from '../users/users.module.js';
import { AuthenticatorStore } from './authenticator.store.js';
import { ChallengePages } from './challenge-pages.service.js';
import { ChallengeSmsController } from './challenge-sms.controller.js';
import { ChallengeController } from './challenge.controller.js';
import { CodeCharge } from './code-charge.service.js';
import { CodeCheck } from './code-check.service.js';
import { CodeTriesStore } from './code-tries.store.js';
import { EnrollController } from './enroll.controller.js';
import { Enrollment } from './enrollment.service.js';
import { FactorReset } from './factor-reset.service.js';
import { NumberTestController } from './number-test.controller.js';
import { NumberTest } from './number-test.service.js';
import { PendingAuthenticatorStore } from './pending-authenticator.store.js';
import { RecoveryCheck } from './recovery-check.service.js';
import { RecoveryCodeStore } from './recovery-code.store.js';
import { RecoveryCodesController } from './recovery-codes.controller.js';
import { RecoveryCodes } from './recovery-codes.service.js';
import { RecoveryTriesStore } from './recovery-tries.store.js';
import { RecoveryController } from './recovery.controller.js';
import { ReplaceAuthenticatorController } from './replace-authenticator.controller.js';
import { SecurityController } from './security.controller.js';
import { SmsCodeSending } from './sms-code-sending.service.js';
import { SmsCodeStore } from './sms-code.store.js';
import { FactorsStore } from './factors.store.js';
import { Proofs } from './proof.service.js';
import { SmsCodes } from './sms-codes.service.js';
import { SmsSwitch } from './sms-switch.service.js';
import { TwoFactorChoiceController } from './two-factor-choice.controller.js';

@Module({
  imports: [AuditModule, SessionsModule, UsersModule, SmsModule],
  controllers: [
    ChallengeController,
    ChallengeSmsController,
    EnrollController,
    NumberTestController,
    RecoveryCodesController,
    RecoveryController,
    ReplaceAuthenticatorController,
    SecurityController,
    TwoFactorChoiceController,
  ],
  providers: [
    AuthenticatorStore,
    ChallengePages,
    CodeCharge,
    CodeCheck,
    CodeTriesStore,
    Enrollment,
    FactorReset,
    NumberTest,
    PendingAuthenticatorStore,
    RecoveryCheck,
    RecoveryCodes,
    RecoveryCodeStore,
    RecoveryTriesStore,
    SmsCodeSending,
    FactorsStore,
    Proofs,
    SmsCodes,
    SmsCodeStore,
    SmsSwitch,
  ],
  exports: [AuthenticatorStore, CodeCheck, CodeTriesStore, FactorReset],
})
export class MfaModule {}
