/** Whether a browser is known for a username: somebody signed in to it there before, or a link by mail admitted it just now. */
import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Keyring } from '../platform/keyring.js';
import { KnownDeviceStore } from '../users/known-device.store.js';
import type { OrganizationMember } from '../users/user.store.js';
import { usernameKey } from '../users/username.js';
import { AdmissionStore, type Standing } from './admission.store.js';
import type { InBrowser } from './password-guessing.service.js';

/** @property member undefined for a name that nobody has, which no browser is known for */
export type Acquaintance = { readonly member: OrganizationMember | undefined; readonly isKnown: boolean };

const nobody: Standing = { userId: '00000000-0000-0000-0000-000000000000', username: '', organization: { id: '' }, browserKey: null };
const purpose = 'admitted-browser';

@Injectable()
export class KnownBrowsers {
  constructor(
    @Inject(AdmissionStore) private readonly admissions: AdmissionStore,
    @Inject(KnownDeviceStore) private readonly devices: KnownDeviceStore,
    @Inject(Keyring) private readonly keyring: Keyring,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Two queries and the same work for every name (OWASP ASVS 5.0, 6.3.8). */
  async look({ username, visitorId }: InBrowser): Promise<Acquaintance> {
    const member = await this.admissions.findStanding(usernameKey(username), this.clock.now());
    const { userId, browserKey } = member ?? nobody;
    const hasSignedIn = await this.devices.isKnown({ userId, visitorId });
    return { member, isKnown: hasSignedIn || this.isKeyOf(browserKey ?? '', userId, visitorId) };
  }

  /** What an admitted browser is stored under: its signed cookie is not kept in clear, and fits one member. */
  keyOf(userId: string, visitorId: string): string {
    return this.keyring.mac(purpose, `${userId} ${visitorId}`);
  }

  isKeyOf(browserKey: string, userId: string, visitorId: string): boolean {
    return this.keyring.verify(purpose, `${userId} ${visitorId}`, browserKey);
  }
}
