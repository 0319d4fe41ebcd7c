/** Members of Acme in a challenge that may be answered by SMS, at a door that sends through the double of Vonage. */
import { randomUUID } from 'node:crypto';
import type { SmsState } from '../../src/generated/prisma/enums.js';
import { Keyring } from '../../src/platform/keyring.js';
import type { Browser, Fields, PageSeen } from './browser.js';
import { type Door, openDoor, secretKeys } from './door.js';
import { addAcme, addPerson, enroll, giveNumber, password } from './people.js';
import { VonageDouble } from './vonage.js';

export const challengeAddress = '/two-factor/challenge';
export const smsAddress = '/two-factor/challenge/sms';
export const number = '+31612345678';

export type Options = Omit<NonNullable<Parameters<typeof openDoor>[0]>, 'database'>;
export type NewMember = { readonly username: string; readonly phoneNumber?: string; readonly organizationId?: string };
export type Rows = {
  readonly count: number;
  readonly at: Date;
  readonly state?: SmsState;
  readonly userId?: string;
  readonly organizationId?: string;
  readonly phoneNumber?: string;
  readonly address?: string;
};

/** Somebody who stands in the challenge. */
export class Challenged {
  constructor(
    readonly browser: Browser,
    readonly page: PageSeen,
  ) {}

  look(): Promise<PageSeen> {
    return this.browser.get(challengeAddress);
  }

  /** Opens the page anew and uses its link. */
  async askForSms(): Promise<PageSeen> {
    return this.browser.submit(await this.look(), smsAddress);
  }

  /** The post behind the link, whether the page has the link or not; where it leads is not followed. */
  postForSms(page = this.page, browser = this.browser): Promise<PageSeen> {
    return browser.send('POST', smsAddress, new URLSearchParams({ _csrf: String(page.$('input[name="_csrf"]').val()) }));
  }

  answer(code: string, page = this.page): Promise<PageSeen> {
    return this.browser.submit(page, 'code', { code });
  }
}

export class SmsDoor {
  private constructor(
    readonly door: Door,
    readonly vonage: VonageDouble,
    readonly acme: Awaited<ReturnType<typeof addAcme>>,
    /** of agnes' authenticator */
    readonly key: string,
  ) {}

  /** Agnes has an authenticator and a mobile number; Acme requires two-factor and allows SMS. */
  static async open({ environment = {}, ...options }: Options = {}): Promise<SmsDoor> {
    const vonage = await VonageDouble.open();
    const door = await openDoor({ ...options, environment: { ...vonage.environment, ...environment } });
    const acme = await addAcme(door, { twoFactorRequired: true, smsAllowed: true });
    const key = await enroll(door, acme.agnes);
    await giveNumber(door, acme.agnes, number);
    return new SmsDoor(door, vonage, acme, key);
  }

  /** Another member with an authenticator and a number. @returns the user's id */
  async addMember({ username, phoneNumber = number, organizationId = this.acme.organizationId }: NewMember): Promise<string> {
    const id = await addPerson(this.door, { organizationId, username });
    await enroll(this.door, id);
    await giveNumber(this.door, id, phoneNumber);
    return id;
  }

  async challenge(username = 'agnes', headers: Fields = {}): Promise<Challenged> {
    const browser = this.door.browser(headers);
    return new Challenged(browser, await browser.signIn(username, password));
  }

  async challenges(count: number, username = 'agnes'): Promise<Challenged[]> {
    const all: Challenged[] = [];
    for (let index = 0; index < count; index += 1) all.push(await this.challenge(username));
    return all;
  }

  /** A code that neither the authenticator nor the last SMS brought. */
  get wrongCode(): string {
    const right = [...[-1, 0, 1].map((steps) => this.door.codeOf(this.key, steps)), ...this.vonage.codes];
    return ['000000', '111111', '222222', '333333', '444444'].find((code) => !right.includes(code)) ?? '';
  }

  /** Olga, signed in with her authenticator. */
  async owner(): Promise<Browser> {
    const key = await enroll(this.door, this.acme.olga);
    const browser = this.door.browser();
    const page = await browser.signIn('olga', password);
    await browser.submit(page, 'code', { code: this.door.codeOf(key) });
    return browser;
  }

  /** Of all messages, in the order of the alphabet. */
  async states(): Promise<SmsState[]> {
    const rows = await this.door.database.smsMessage.findMany({ select: { state: true } });
    return rows.map(({ state }) => state).sort();
  }

  /** Messages as they stand after they were sent, so that high counts cost nothing. */
  async addMessages({ count, at, state = 'SENT', ...of }: Rows): Promise<void> {
    const { userId = this.acme.agnes, organizationId = this.acme.organizationId, phoneNumber = number, address = '127.0.0.1' } = of;
    const keyring = new Keyring(secretKeys);
    const message = {
      organizationId,
      userId,
      country: 'NL',
      numberKey: keyring.mac('sms-number', phoneNumber),
      prefixKey: keyring.mac('sms-prefix', phoneNumber.slice(0, -4)),
      addressKey: keyring.mac('sms-address', address),
      state,
      createdAt: at,
    };
    await this.door.database.smsMessage.createMany({ data: Array.from({ length: count }, () => ({ id: randomUUID(), ...message })) });
  }

  async close(): Promise<void> {
    await this.door.close();
    await this.vonage.close();
  }
}
