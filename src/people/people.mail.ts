import type { MailContent } from '../mail/mail.js';
import { aboutAccount, type AccountChange } from '../users/account-change.mail.js';

type ChangedBy = AccountChange & { readonly by: string };

export function roleChangedMail({ role, by, ...about }: ChangedBy & { readonly role: string }): MailContent {
  return aboutAccount(about, { subject: 'Your role was changed', what: `${by} changed your role. You are now: ${role}.` });
}

export function deactivatedMail({ by, ...about }: ChangedBy): MailContent {
  return aboutAccount(about, {
    subject: 'Your account was deactivated',
    what: `${by} deactivated your account. You are signed out everywhere, and cannot sign in any more.`,
  });
}

export function reactivatedMail({ by, ...about }: ChangedBy): MailContent {
  return aboutAccount(about, {
    subject: 'Your account is active again',
    what: `${by} made your account active again. You sign in as you did before.`,
  });
}

export function twoFactorResetMail({ by, ...about }: ChangedBy): MailContent {
  return aboutAccount(about, {
    subject: 'Your two-factor authentication was reset',
    what: `${by} reset your two-factor authentication. The authenticator app and the recovery codes that you had do not work any more, and you are signed out everywhere. Where two-factor is asked for, you set it up anew when you sign in next.`,
  });
}
