/** Changing the policy and what goes with it: it holds for every session of the organization at its next request. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { Clock } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { Settings } from '../platform/settings.js';
import { Sessions } from '../sessions/sessions.service.js';
import { acts } from '../sessions/domain/acts.js';
import type { MemberVisit } from '../sessions/visit.js';
import { MemberMail } from '../users/member-mail.service.js';
import { MembershipStore } from '../users/membership.store.js';
import type { Configuration } from './configuration.form.js';
import { OrganizationStore, type SmsSettings } from './organization.store.js';
import { policyLoosenedMail } from './policy.mail.js';
import {
  isDateInReach,
  isLoosened,
  isPutOff,
  isSamePolicy,
  isSwitchedOff,
  policyAfter,
  type TwoFactorPolicy,
} from './two-factor.policy.js';
import { policyInWords } from './two-factor.words.js';

/** All but the first wrote nothing. */
export type ConfigurationChange = 'saved' | 'wrong-date' | 'reason-needed' | 'proof-needed' | 'not-allowed';

type PolicyChange = { readonly before: TwoFactorPolicy; readonly after: TwoFactorPolicy; readonly reason: string };
type InWords = { readonly before: string; readonly after: string };
/** What was changed, to be told once it is committed. */
type Changed = { readonly outcome: ConfigurationChange; readonly policy?: InWords | undefined; readonly sms?: InWords | undefined };
type AskedSettings = Pick<Configuration, 'smsCountries' | 'smsMonthlyBudget'>;

@Injectable()
export class Policy {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(OrganizationStore) private readonly organizations: OrganizationStore,
    @Inject(MembershipStore) private readonly members: MembershipStore,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(MemberMail) private readonly mail: MemberMail,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Settings) private readonly settings: Settings,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Both at once, or neither; judged while the organization is held, so that two posts are made one after the other. */
  async changeConfiguration(visit: MemberVisit, configuration: Configuration): Promise<ConfigurationChange> {
    const { outcome, policy, sms } = await this.database.$transaction((transaction) => this.changeIn(transaction, visit, configuration));
    const where = { organization: visit.member.organization.id, by: visit.member.userId };
    if (sms) this.log.info('SMS settings changed', { ...where, ...sms });
    if (policy) this.log.info('policy changed', { ...where, ...policy });
    return outcome;
  }

  private async changeIn(transaction: Transaction, visit: MemberVisit, configuration: Configuration): Promise<Changed> {
    const { reason, smsCountries, smsMonthlyBudget, ...asked } = configuration;
    const before = await this.organizations.lockPolicy(transaction, visit.member.organization.id);
    // Somebody else may have changed the member, or ended this session, a moment ago.
    const role = await this.members.findRole(transaction, visit);
    if (!role || !acts.configuration.by.includes(role)) return { outcome: 'not-allowed' };
    const change = { before, after: policyAfter(before, asked), reason };
    const obstacle = this.findObstacle(visit, change);
    if (obstacle) return { outcome: obstacle };
    const sms = await this.changeSmsSettings(transaction, visit, { smsCountries, smsMonthlyBudget });
    const policy = isSamePolicy(before, change.after) ? undefined : await this.changePolicy(transaction, visit, change);
    return { outcome: 'saved', policy, sms };
  }

  private findObstacle(visit: MemberVisit, { before, after, reason }: PolicyChange): Exclude<ConfigurationChange, 'saved'> | undefined {
    if (!isDateInReach(before, after, this.clock.now())) return 'wrong-date';
    if (isSwitchedOff(before, after) && reason === '') return 'reason-needed';
    return isLoosened(before, after) && !this.sessions.hasFreshProof(visit) ? 'proof-needed' : undefined;
  }

  private async changePolicy(transaction: Transaction, visit: MemberVisit, { before, after, reason }: PolicyChange): Promise<InWords> {
    const { organization } = visit.member;
    const now = this.clock.now();
    await this.organizations.changePolicy(transaction, { organizationId: organization.id, changedAt: now, before, after });
    if (!after.twoFactorRequired) await this.sessions.forgetStageEntries(transaction, organization.id);
    if (isPutOff(before, after)) await this.sessions.forgetStageEntries(transaction, organization.id, 'enrollment');
    const words = { before: policyInWords(before), after: policyInWords(after) };
    const details = { ...words, reason: isSwitchedOff(before, after) ? reason : undefined };
    await this.audit.recordActOf(transaction, visit, { kind: 'policy-changed', details });
    if (isSwitchedOff(before, after) || isPutOff(before, after)) {
      const mail = policyLoosenedMail({ ...details, member: visit.member, at: now, door: this.settings.config.PUBLIC_URL });
      await this.mail.tellOwners(transaction, organization.id, mail);
    }
    return words;
  }

  private async changeSmsSettings(transaction: Transaction, visit: MemberVisit, asked: AskedSettings): Promise<InWords | undefined> {
    const { id } = visit.member.organization;
    const before = await this.organizations.findSmsSettings(id, transaction);
    const after = {
      smsCountries: asked.smsCountries ?? before.smsCountries,
      smsMonthlyBudget: asked.smsMonthlyBudget === undefined ? before.smsMonthlyBudget : asked.smsMonthlyBudget,
    };
    const details = { before: settingsInWords(before), after: settingsInWords(after) };
    if (details.before === details.after) return undefined;
    await this.organizations.saveSmsSettings(transaction, id, after);
    await this.audit.recordActOf(transaction, visit, { kind: 'sms-settings-changed', details });
    return details;
  }
}

function settingsInWords({ smsCountries, smsMonthlyBudget }: SmsSettings): string {
  const countries = smsCountries.length > 0 ? [...smsCountries].sort().join(' ') : 'no country';
  return `${countries}; ${smsMonthlyBudget === null ? 'no limit' : `${smsMonthlyBudget} messages a month`}`;
}
