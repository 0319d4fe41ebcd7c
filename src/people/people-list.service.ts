/** Gathers what Organization > People shows. */
import { Inject, Injectable } from '@nestjs/common';
import type { Page } from '../platform/answer.js';
import { after, Clock, hours } from '../platform/clock.js';
import { numberPrefixes } from '../platform/phone-number.js';
import { OrganizationStore } from '../organizations/organization.store.js';
import type { MemberVisit } from '../sessions/visit.js';
import { SmsSending } from '../sms/sms-sending.service.js';
import { LostPhones } from './lost-phones.service.js';
import { MemberListStore, type Scope } from './member-list.store.js';
import type { SmsFrame } from './member-words.js';
import { peoplePage, type PeopleOutcome } from './people.page.js';
import type { PeopleQuery } from './people.query.js';

const membersPerPage = 50;
const inactiveAfter = hours(24 * 30);

@Injectable()
export class PeopleList {
  constructor(
    @Inject(MemberListStore) private readonly members: MemberListStore,
    @Inject(OrganizationStore) private readonly organizations: OrganizationStore,
    @Inject(LostPhones) private readonly lostPhones: LostPhones,
    @Inject(SmsSending) private readonly sms: SmsSending,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async show(visit: MemberVisit, query: PeopleQuery, outcome: PeopleOutcome): Promise<Page> {
    const sms = await this.smsFrameOf(visit);
    const scope = this.scopeOf(visit, sms);
    const slice = { limit: membersPerPage, offset: (query.page - 1) * membersPerPage };
    const [rows, total, readiness, requests] = await Promise.all([
      this.members.find(scope, query, { ...query, ...slice }),
      this.members.count(scope, query),
      this.members.countReadiness(scope),
      this.lostPhones.findOpen(visit),
    ]);
    return peoplePage(visit, { rows, total, readiness, sms, requests, pages: Math.ceil(total / membersPerPage) }, query, outcome);
  }

  /** What decides, beside the member's own facts, whether codes by SMS come. */
  async smsFrameOf({ member }: MemberVisit): Promise<SmsFrame> {
    const { smsCountries } = await this.organizations.findSmsSettings(member.organization.id);
    return { isConnected: this.sms.isConnected, countries: smsCountries };
  }

  scopeOf({ member: { organization } }: MemberVisit, { isConnected, countries }: SmsFrame): Scope {
    const isSmsPossible = organization.twoFactorRequired && organization.smsAllowed && isConnected;
    const smsPrefixes = isSmsPossible ? numberPrefixes(countries) : [];
    return { organizationId: organization.id, smsPrefixes, inactiveSince: after(this.clock.now(), -inactiveAfter) };
  }
}
