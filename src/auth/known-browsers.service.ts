/** Whether a browser is known for a username: somebody signed in to it there before, or a link by mail admitted it just now. */
import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Keyring } from '../platform/keyring.js';
import { type DeviceStanding, isKnownDevice, KnownDeviceStore } from '../users/known-device.store.js';
import { usernameKey } from '../users/username.js';
import { AskingGate } from './asking-gate.js';
import { type Claimant, ClaimantStore } from './claimant.store.js';
import type { InBrowser } from './password-guessing.service.js';

/** Whose username was given, and what the browser is to them. @property claimant undefined for a name that nobody has */
export type Acquaintance = { readonly claimant: Claimant | undefined; readonly device: DeviceStanding; readonly isKnown: boolean };

const nobody = { userId: '00000000-0000-0000-0000-000000000000', admittedKey: null };
const purpose = 'admitted-browser';

@Injectable()
export class KnownBrowsers {
  constructor(
    @Inject(ClaimantStore) private readonly claimants: ClaimantStore,
    @Inject(KnownDeviceStore) private readonly devices: KnownDeviceStore,
    @Inject(AskingGate) private readonly asking: AskingGate,
    @Inject(Keyring) private readonly keyring: Keyring,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /**
   * Two queries and the same work for every name (OWASP ASVS 5.0, 6.3.8).
   * @throws GateFullError when too many are waiting to ask
   */
  look({ username, visitorId }: InBrowser): Promise<Acquaintance> {
    return this.asking.run(async () =>
      this.acquaintanceOf(await this.claimants.findByName(usernameKey(username), this.clock.now()), visitorId),
    );
  }

  async lookById(userId: string, visitorId: string): Promise<Acquaintance> {
    return this.acquaintanceOf(await this.claimants.findById(userId, this.clock.now()), visitorId);
  }

  /** What an admitted browser is stored under: its signed cookie is not kept in clear, and fits one member. */
  keyOf(userId: string, visitorId: string): string {
    return this.keyring.mac(purpose, `${userId} ${visitorId}`);
  }

  isKeyOf(browserKey: string, userId: string, visitorId: string): boolean {
    return this.keyring.verify(purpose, `${userId} ${visitorId}`, browserKey);
  }

  private async acquaintanceOf(claimant: Claimant | undefined, visitorId: string): Promise<Acquaintance> {
    const { userId, admittedKey } = claimant ?? nobody;
    const device = await this.devices.standingOf({ userId, visitorId });
    return { claimant, device, isKnown: isKnownDevice(device) || this.isKeyOf(admittedKey ?? '', userId, visitorId) };
  }
}
