/** Sign-in, sign-out, set-up, step-up, and the password: changed, forgotten, chosen anew, guessed by strangers. */
import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { MailModule } from '../mail/mail.module.js';
import { MfaModule } from '../mfa/mfa.module.js';
import { OrganizationsModule } from '../organizations/organizations.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { AdmissionController } from './admission.controller.js';
import { AdmissionLinks } from './admission-links.service.js';
import { AdmissionStore } from './admission.store.js';
import { Admissions } from './admissions.service.js';
import { AskingGate } from './asking-gate.js';
import { BehindAnswer } from './behind-answer.service.js';
import { ClaimantStore } from './claimant.store.js';
import { KnownBrowsers } from './known-browsers.service.js';
import { PasswordChangeController } from './password-change.controller.js';
import { PasswordChange } from './password-change.service.js';
import { PasswordCharging } from './password-charging.service.js';
import { PasswordClosed } from './password-closed.service.js';
import { PasswordForgottenController } from './password-forgotten.controller.js';
import { PasswordForgotten } from './password-forgotten.service.js';
import { PasswordGuessing } from './password-guessing.service.js';
import { PasswordResetController } from './password-reset.controller.js';
import { PasswordReset } from './password-reset.service.js';
import { PasswordTriesStore } from './password-tries.store.js';
import { RequestedLinks } from './requested-links.service.js';
import { ResetLinkStore } from './reset-link.store.js';
import { ResetLinks } from './reset-links.service.js';
import { SessionOpening } from './session-opening.service.js';
import { SetupController } from './setup.controller.js';
import { Setup } from './setup.service.js';
import { SignInController } from './sign-in.controller.js';
import { SignIn } from './sign-in.service.js';
import { SignOutController } from './sign-out.controller.js';
import { StepUpController } from './step-up.controller.js';

@Module({
  imports: [AuditModule, MailModule, SessionsModule, UsersModule, OrganizationsModule, MfaModule],
  controllers: [
    AdmissionController,
    PasswordChangeController,
    PasswordForgottenController,
    PasswordResetController,
    SetupController,
    SignInController,
    SignOutController,
    StepUpController,
  ],
  providers: [
    AdmissionLinks,
    Admissions,
    AdmissionStore,
    AskingGate,
    BehindAnswer,
    ClaimantStore,
    KnownBrowsers,
    PasswordChange,
    PasswordCharging,
    PasswordClosed,
    PasswordForgotten,
    PasswordGuessing,
    PasswordReset,
    PasswordTriesStore,
    RequestedLinks,
    ResetLinks,
    ResetLinkStore,
    SessionOpening,
    Setup,
    SignIn,
  ],
  exports: [PasswordGuessing, ResetLinks, Setup],
})
export class AuthModule {}
