/** A sign-in that is complete, second factor and all: put on record, and told by mail when it came from a new device. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { after, Clock, hours } from '../platform/clock.js';
import type { Transaction } from '../platform/database.js';
import { always, carryOut, type Parts, type Sql } from '../platform/statement.js';
import { Sweeper } from '../platform/sweeper.js';
import { deviceName } from '../platform/user-agent.js';
import type { Visit } from '../sessions/visit.js';
import { newDeviceMail } from './arrivals.mail.js';
import { type DeviceStanding, isKnownDevice, KnownDeviceStore } from './known-device.store.js';
import { MemberMail } from './member-mail.service.js';
import { SignInRowStore } from './sign-in-row.store.js';
import type { OrganizationMember } from './user.store.js';

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
    @Inject(SignInRowStore) private readonly rows: SignInRowStore,
    @Inject(KnownDeviceStore) private readonly devices: KnownDeviceStore,
    @Inject(MemberMail) private readonly mail: MemberMail,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Sweeper) sweeper: Sweeper,
  ) {
    sweeper.register('known_devices', (now) => this.devices.sweep(after(now, -deviceRemembered)));
  }

  async record(transaction: Transaction, arrival: Arrival, by: ArrivalBy): Promise<void> {
    const { member, visitorId } = arrival;
    // The member's row first: what is read of their devices after it stands until the end.
    await this.rows.markSignIn(transaction, member.userId, this.clock.now());
    const device = await this.devices.standingOf({ userId: member.userId, visitorId }, transaction);
    await carryOut(transaction, this.noting(arrival, { by, device, when: always }), ['recorded']);
    await this.tell(transaction, arrival, device);
  }

  /**
   * Parts of a statement that holds the member's row: the sign-in, put on record.
   * @property isNumberProven a code by SMS has shown that the number is the member's
   */
  parts(arrival: Arrival, { isNumberProven, ...noted }: Noted & { readonly isNumberProven: boolean }): Parts {
    const arrived = this.rows.arriving(arrival.member.userId, { at: this.clock.now(), when: noted.when, isNumberProven });
    return { arrived, ...this.noting(arrival, noted) };
  }

  /** A member's very first device is no news: there is none to tell it from, and whoever moves here with many people spares them a mail. */
  isNews(device: DeviceStanding): boolean {
    return !isKnownDevice(device) && device.hasOthers;
  }

  async tell(transaction: Transaction, { member, userAgent, address }: Arrival, device: DeviceStanding): Promise<void> {
    if (!this.isNews(device)) return;
    await this.mail.tell(transaction, member, (about) => newDeviceMail({ ...about, device: deviceName(userAgent), address }));
  }

  private noting({ member, visitorId, address, userAgent }: Arrival, { by, device, when }: Noted): Parts {
    const { userId, organization } = member;
    const details = { by, device: deviceName(userAgent), isNewDevice: !isKnownDevice(device) };
    const event = { organizationId: organization.id, kind: 'sign-in', actor: member, address, details } as const;
    return {
      seen: this.devices.seeing({ userId, visitorId }, device, { now: this.clock.now(), when }),
      recorded: this.audit.part(event, when),
    };
  }
}

/** @property device what the browser was to the member before */
type Noted = { readonly by: ArrivalBy; readonly device: DeviceStanding; readonly when: Sql };
