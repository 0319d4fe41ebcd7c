/** What is put on record: the kinds of acts, and what is said of each. */
import type { Member } from '../sessions/visit.js';

/** Every kind, with the words that the audit log shows for it. */
export const auditKinds = {
  'sign-in': 'Signed in',
  'sign-out': 'Signed out',
  'password-accepted': 'Password right, second factor asked for',
  'password-refused': 'Password refused',
  'password-closed': 'Username closed to unknown browsers after wrong passwords',
  'sign-in-link-sent': 'Link to sign in from another browser sent',
  'browser-admitted': 'Browser admitted by a link',
  'code-refused': 'Code refused',
  'code-sent': 'Code sent by SMS',
  'second-factor-closed': 'Second factor closed after wrong codes',
  'second-factor-opened': 'Second factor opened again',
  'step-up': 'Proved once more who they are',
  'authenticator-added': 'Authenticator added',
  'authenticator-replaced': 'Authenticator replaced',
  'two-factor-chosen': 'Two-factor turned on for themself',
  'two-factor-left': 'Two-factor turned off for themself',
  'two-factor-reset': 'Two-factor reset',
  'recovery-codes-made': 'Recovery codes made',
  'recovery-code-used': 'Recovery code used',
  'lost-phone-reported': 'Lost phone reported',
  'lost-phone-refused': 'Lost phone: help refused',
  'lost-phone-withdrawn': 'Lost phone: request withdrawn',
  'number-changed': 'Mobile number changed',
  'email-changed': 'E-mail address changed',
  'sms-switched': 'Codes by SMS switched by the member',
  'password-changed': 'Password changed',
  'password-link-sent': 'Link for a new password sent',
  'password-reset': 'New password chosen by a link',
  'session-ended': 'Session ended',
  'policy-changed': 'Policy changed',
  'sms-settings-changed': 'Countries or budget of SMS changed',
  'member-invited': 'Invited',
  'invitation-withdrawn': 'Invitation withdrawn',
  'invitation-accepted': 'Invitation accepted',
  'role-changed': 'Role changed',
  'member-deactivated': 'Deactivated',
  'member-reactivated': 'Reactivated',
  'people-exported': 'People exported',
  'audit-exported': 'Audit log exported',
  'organization-created': 'Organization created',
  'members-imported': 'Members imported',
} as const;

export type AuditKind = keyof typeof auditKinds;

/** A person, as they are called at that moment. */
export type AuditPerson = Pick<Member, 'userId' | 'username'>;

/** Who did it, where it was no member: somebody before sign-in, the operator at the command line, the program by itself. */
export type Outsider = 'visitor' | 'operator' | 'gatehouse';

export type AuditEvent = {
  /** undefined: the installation's own, such as a password for a name that nobody has. */
  readonly organizationId: string | undefined;
  readonly kind: AuditKind;
  /** Left out: it was done. */
  readonly outcome?: 'DONE' | 'REFUSED';
  readonly actor: AuditPerson | Outsider;
  /** Whom it was done to, when that is somebody else. */
  readonly subject?: AuditPerson | undefined;
  /** The client's address, as limits count it; undefined where there is none, as on the command line. */
  readonly address: string | undefined;
  /** What else is worth knowing, such as the reason or what stood before; never a secret, a code, a password, a number or a link. */
  readonly details?: Readonly<Record<string, string | number | boolean | null | undefined>>;
};

/** An act of the member who is at the door. */
export type MemberAct = Pick<AuditEvent, 'kind' | 'outcome' | 'subject' | 'details'>;
