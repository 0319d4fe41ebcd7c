/**
 * Every act of a signed-in member: which roles may do it, to whom, which fields it takes, and which columns it changes (OWASP
 * ASVS 5.0, 8.1.1, 8.1.2). One table: the guard, the step-up, the services, the pages and the tests of rights are made from it.
 */
import type { Role } from '../visit.js';

export const everyRole: readonly Role[] = ['OWNER', 'ADMIN', 'AGENT'];
export const managers: readonly Role[] = ['OWNER', 'ADMIN'];
const owners: readonly Role[] = ['OWNER'];
const nobody: readonly Role[] = [];

type Act = {
  /** Who may do it at all. To whom, `people/domain/rights.ts` says. */
  readonly by: readonly Role[];
  /** Of the form, beside the token against posts from other sites. */
  readonly fields: readonly string[];
  /** Columns, or all of a table. The record of the act, mails, counters of tries and the own session's proof go without saying. */
  readonly changes: readonly string[];
};

/** Done to another member. `toThemselves`: who may do it to themselves too. */
type MemberAct = Act & { readonly toThemselves: readonly Role[] };

/** What ends with a member's second factor. */
const factors = ['authenticators', 'pending_authenticators', 'recovery_codes', 'recovery_tries', 'code_tries', 'sms_codes'];

/**
 * What members may do to themselves: an owner may step down, as long as another one is there. All else would lock them out, or
 * would be a way around their own second factor.
 */
export const memberActs = {
  'member-role': { by: managers, toThemselves: owners, fields: ['role'], changes: ['users.role'] },
  'member-deactivate': { by: managers, toThemselves: nobody, fields: [], changes: ['users.deactivated_at', 'sessions'] },
  'member-reactivate': { by: managers, toThemselves: nobody, fields: [], changes: ['users.deactivated_at'] },
  'member-unlock': { by: managers, toThemselves: nobody, fields: [], changes: ['code_tries', 'recovery_tries'] },
  'member-reset': {
    by: managers,
    toThemselves: nobody,
    fields: ['reason', 'newPassword', 'newPasswordOffered', 'approves'],
    changes: [...factors, 'sessions', 'users.password_hash', 'users.password_scheme', 'reset_links', 'lost_phone_requests'],
  },
  'member-refuse': { by: managers, toThemselves: nobody, fields: [], changes: ['lost_phone_requests'] },
} as const satisfies Record<string, MemberAct>;

const organizationActs = {
  configuration: {
    by: managers,
    fields: ['twoFactorRequired', 'smsAllowed', 'twoFactorFrom', 'reason', 'smsCountries', 'smsCountries.*', 'smsMonthlyBudget'],
    changes: [
      ...['two_factor_required', 'two_factor_from', 'sms_allowed', 'sms_allowed_since', 'sms_countries', 'sms_monthly_budget'].map(
        (column) => `organizations.${column}`,
      ),
      'sessions.half_open_stage',
      'sessions.half_open_since',
    ],
  },
  invite: { by: managers, fields: ['emails', 'role'], changes: ['invitations'] },
  'invitation-resend': {
    by: managers,
    fields: ['sent'],
    changes: ['token_hash', 'invited_by_id', 'sent_at', 'expires_at'].map((column) => `invitations.${column}`),
  },
  'invitation-withdraw': { by: managers, fields: [], changes: ['invitations.withdrawn_at', 'invitations.open_for'] },
  'people-export': { by: managers, fields: ['q', 'filter', 'sort', 'page'], changes: [] },
  'audit-export': { by: managers, fields: ['person', 'kind', 'from', 'to', 'format'], changes: [] },
} as const satisfies Record<string, Act>;

/** On the member's own account alone: no field of theirs names anybody. */
const ownActs = {
  details: {
    by: everyRole,
    fields: ['name', 'email', 'phoneNumber'],
    changes: ['users.name', 'users.email', 'users.phone_number', 'users.phone_number_at', 'users.phone_verified_at', 'sessions'],
  },
  'sms-switch': {
    by: everyRole,
    fields: ['smsEnabled'],
    changes: ['users.sms_enabled', 'users.sms_switched_at', 'sms_codes', 'sessions'],
  },
  password: {
    by: everyRole,
    fields: ['currentPassword', 'password'],
    changes: ['users.password_hash', 'users.password_scheme', 'reset_links', 'sessions'],
  },
  authenticator: { by: everyRole, fields: ['code'], changes: [...factors, 'sessions', 'users.chose_two_factor'] },
  'two-factor-choose': { by: everyRole, fields: ['code'], changes: [...factors, 'sessions', 'users.chose_two_factor'] },
  'two-factor-leave': { by: everyRole, fields: ['code'], changes: [...factors, 'sessions', 'users.chose_two_factor'] },
  'recovery-codes': { by: everyRole, fields: [], changes: ['recovery_codes', 'sessions.shown_codes'] },
  'recovery-codes-kept': { by: everyRole, fields: ['returnTo'], changes: ['sessions.shown_codes'] },
  'session-end': { by: everyRole, fields: ['session'], changes: ['sessions'] },
  'sessions-end-others': { by: everyRole, fields: [], changes: ['sessions'] },
  'number-test': { by: everyRole, fields: ['code'], changes: ['sms_codes', 'users.phone_verified_at'] },
  'number-test-send': { by: everyRole, fields: [], changes: ['sms_codes', 'sms_messages', 'sms_refusals'] },
  'step-up': { by: everyRole, fields: ['code', 'password', 'returnTo', 'form'], changes: ['sessions', 'authenticators.last_used_step'] },
} as const satisfies Record<string, Act>;

export const acts = { ...memberActs, ...organizationActs, ...ownActs } as const;

export type ActName = keyof typeof acts;
export type MemberActName = keyof typeof memberActs;
