/** Gathers what the configuration page shows: who is covered, whom the switch touches, who changed it last, what SMS cost. */
import { Inject, Injectable } from '@nestjs/common';
import { AuditLogStore } from '../audit/audit-log.store.js';
import type { Page } from '../platform/answer.js';
import { Clock } from '../platform/clock.js';
import type { Member } from '../sessions/visit.js';
import { SmsSending } from '../sms/sms-sending.service.js';
import { SmsUseStore } from '../sms/sms-use.store.js';
import { configurationPage, type ConfigurationOutcome } from './configuration.page.js';
import { OrganizationStore } from './organization.store.js';
import { TouchedMembersStore } from './touched-members.store.js';

@Injectable()
export class ConfigurationPages {
  constructor(
    @Inject(OrganizationStore) private readonly organizations: OrganizationStore,
    @Inject(TouchedMembersStore) private readonly touchedMembers: TouchedMembersStore,
    @Inject(AuditLogStore) private readonly audit: AuditLogStore,
    @Inject(SmsUseStore) private readonly smsUse: SmsUseStore,
    @Inject(SmsSending) private readonly sms: SmsSending,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async show(member: Member, outcome: ConfigurationOutcome): Promise<Page> {
    const { id } = member.organization;
    const now = this.clock.now();
    const [chose, touched, lastChange, settings, byCountry, costs, refusals] = await Promise.all([
      this.organizations.countChoosers(id),
      this.touchedMembers.find(id, member.userId),
      this.audit.findLast(id, 'policy-changed'),
      this.organizations.findSmsSettings(id),
      this.smsUse.countByCountry(id, now),
      this.smsUse.sumCosts(id, now),
      this.smsUse.findRefusals(id, now),
    ]);
    const sms = { isConnected: this.sms.isConnected, settings, month: { now, byCountry, costs, refusals } };
    return configurationPage(member, { now, chose, touched, lastChange, sms }, outcome);
  }
}
