/** A sign-in that is complete, second factor and all: put on record, and told by mail when it came from a new device. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { after, Clock, hours } from '../platform/clock.js';
import type { Transaction } from '../platform/database.js';
import { Sweeper } from '../platform/sweeper.js';
import { deviceName } from '../platform/user-agent.js';
import type { Visit } from '../sessions/visit.js';
import { newDeviceMail } from './arrivals.mail.js';
import { KnownDeviceStore } from './known-device.store.js';
import { MemberMail } from './member-mail.service.js';
import { type OrganizationMember, UserStore } from './user.store.js';

/** By what it was completed. */
export type ArrivalBy = 'password' | 'authenticator' | 'sms' | 'recovery-code';
/** Where a visit comes from. */
export type Whence = Pick<Visit, 'visitorId' | 'address' | 'userAgent'>;
export type Arrival = Whence & { readonly member: OrganizationMember };

/** As long as browsers keep its cookie. */
const deviceRemembered = hours(24 * 400);

@Injectable()
export class Arrivals {
  constructor(
    @Inject(UserStore) private readonly users: UserStore,
    @Inject(KnownDeviceStore) private readonly devices: KnownDeviceStore,
    @Inject(MemberMail) private readonly mail: MemberMail,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Sweeper) sweeper: Sweeper,
  ) {
    sweeper.register('known_devices', (now) => this.devices.sweep(after(now, -deviceRemembered)));
  }

  /** A member's very first device is no news: there is none to tell it from, and whoever moves here with many people spares them a mail. */
  async record(transaction: Transaction, { member, visitorId, address, userAgent }: Arrival, by: ArrivalBy): Promise<void> {
    const now = this.clock.now();
    const { userId, organization } = member;
    await this.users.markSignIn(transaction, userId, now);
    const { isNew, hasOthers } = await this.devices.see(transaction, { userId, visitorId }, now);
    const device = deviceName(userAgent);
    if (isNew && hasOthers) await this.mail.tell(transaction, member, (about) => newDeviceMail({ ...about, device, address }));
    const details = { by, device, isNewDevice: isNew };
    await this.audit.record(transaction, { organizationId: organization.id, kind: 'sign-in', actor: member, address, details });
  }
}
