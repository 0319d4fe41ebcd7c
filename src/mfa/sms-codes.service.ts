/** Codes by SMS: whether one may be sent, sending it, and comparing what was typed with it. */
import { Inject, Injectable } from '@nestjs/common';
import { after, Clock, latest, minutes } from '../platform/clock.js';
import type { Transaction } from '../platform/database.js';
import { randomCode } from '../platform/randomness.js';
import type { Sql } from '../platform/statement.js';
import { Settings } from '../platform/settings.js';
import { Sweeper } from '../platform/sweeper.js';
import { hashOfToken } from '../sessions/session-token.js';
import type { MemberVisit } from '../sessions/visit.js';
import { codeText } from '../sms/domain/code-text.js';
import { type SmsOutcome, SmsSending } from '../sms/sms-sending.service.js';
import { type PhoneFacts, UserStore } from '../users/user.store.js';
import { isOffered, type SmsFacts, type SmsObstacle, smsObstacle, type SmsOfferFacts } from './domain/sms-offer.js';
import { type CodeBinding, type SentCode, type SmsCodePurpose, SmsCodeStore, type StoredCode } from './sms-code.store.js';

/** OWASP ASVS 5.0, 6.5.5 allows ten. */
export const codeLifetimeMinutes = 5;

/** How codes by SMS stand for a member, in the session of the visit. */
export type SmsStanding = PhoneFacts & {
  readonly obstacle: SmsObstacle | undefined;
  /** The code that is under way, or arrived, and still good. */
  readonly sent: SentCode | undefined;
  /** Before that instant no other one is sent. */
  readonly nextAt: Date | undefined;
};

export type SendOutcome = SmsOutcome | { readonly outcome: 'not-possible'; readonly obstacle: SmsObstacle };

/** A code that fits, and what it is good for. */
export type MatchedSmsCode = CodeBinding & { readonly codeHash: string };
/** What a code is compared with. */
type Compared = { readonly phone: PhoneFacts; readonly sent: StoredCode | undefined };

@Injectable()
export class SmsCodes {
  constructor(
    @Inject(SmsCodeStore) private readonly codes: SmsCodeStore,
    @Inject(SmsSending) private readonly sending: SmsSending,
    @Inject(UserStore) private readonly users: UserStore,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Settings) private readonly settings: Settings,
    @Inject(Sweeper) sweeper: Sweeper,
  ) {
    sweeper.register('sms_codes', (now) => this.codes.sweep(now));
  }

  /** How they stand in a challenge; nothing is read where nobody in the organization gets one. */
  async standingInChallenge(visit: MemberVisit): Promise<SmsStanding | undefined> {
    return isOffered(this.offerTo(visit)) ? this.standingOf(visit, 'CHALLENGE') : undefined;
  }

  async standingOf(visit: MemberVisit, purpose: SmsCodePurpose): Promise<SmsStanding> {
    const phone = await this.users.findPhoneFacts(visit.member.userId);
    const obstacle = smsObstacle(this.factsOf(visit, phone));
    if (obstacle) return { ...phone, obstacle, sent: undefined, nextAt: undefined };
    const [sent, nextAt] = await Promise.all([this.findSent(visit, purpose, phone), this.sending.nextMessageAt(visit.member.userId)]);
    return { ...phone, obstacle, sent, nextAt };
  }

  /** Whether a code that is typed in may have come by SMS. */
  async isUnderWay(visit: MemberVisit, purpose: SmsCodePurpose): Promise<boolean> {
    return (await this.findSent(visit, purpose, await this.users.findPhoneFacts(visit.member.userId))) !== undefined;
  }

  /**
   * Draws a code and has it sent. It is stored only once the provider took it: nothing that nobody received opens the door.
   * @param address where the request came from, as limits count it
   */
  async send(visit: MemberVisit, purpose: SmsCodePurpose, address: string): Promise<SendOutcome> {
    const { userId, organization } = visit.member;
    const phone = await this.users.findPhoneFacts(userId);
    const { phoneNumber } = phone;
    const obstacle = smsObstacle(this.factsOf(visit, phone));
    if (obstacle || phoneNumber === null) return { outcome: 'not-possible', obstacle: obstacle ?? 'no-number' };
    const code = randomCode();
    // Before the provider is asked: what is switched off meanwhile is younger than the code.
    const sentAt = this.clock.now();
    const newCode = {
      ...bindingOf(visit, purpose, { ...phone, phoneNumber }),
      tokenHash: hashOfToken(visit.session.token),
      code,
      sentAt,
      expiresAt: after(sentAt, minutes(codeLifetimeMinutes)),
    };
    return this.sending.send({
      userId,
      organizationId: organization.id,
      number: phoneNumber,
      address,
      postDigest: visit.postDigest,
      text: this.textOf(code),
      whenTaken: (messageId) => this.codes.save({ ...newCode, messageId }),
    });
  }

  /** @returns undefined when there was none to compare with, or SMS is not possible any more */
  async match(visit: MemberVisit, purpose: SmsCodePurpose, code: string): Promise<MatchedSmsCode | 'wrong-code' | undefined> {
    const phone = await this.users.findPhoneFacts(visit.member.userId);
    return this.compare(visit, purpose, code, { phone, sent: await this.findSent(visit, purpose, phone) });
  }

  /** The same, with what was read before. */
  compare(visit: MemberVisit, purpose: SmsCodePurpose, code: string, { phone, sent }: Compared): MatchedSmsCode | 'wrong-code' | undefined {
    const { phoneNumber } = phone;
    if (!sent || !isGood(visit, phone, sent) || phoneNumber === null || smsObstacle(this.factsOf(visit, phone))) return undefined;
    const binding = bindingOf(visit, purpose, { ...phone, phoneNumber });
    if (!this.codes.isCode(sent.codeHash, binding, code)) return 'wrong-code';
    return { ...binding, codeHash: sent.codeHash };
  }

  /** The member's row first, as whoever changes number or switch does: of two that meet there, one comes after the other. */
  async claim(transaction: Transaction, match: MatchedSmsCode): Promise<boolean> {
    const now = this.clock.now();
    const { userId, number } = match;
    if (!(await this.users.markPhoneVerified(transaction, userId, { phoneNumber: number, at: now }))) return false;
    return this.codes.claim(transaction, { ...match, now });
  }

  /** A part of a statement that holds the member's row: uses the code up, and gives a row when it did. */
  claiming(match: MatchedSmsCode, when: Sql): Sql {
    return this.codes.claiming({ ...match, now: this.clock.now() }, when);
  }

  /** A part: after the challenge was answered, by whichever factor. */
  endingChallenge({ session }: MemberVisit, when: Sql): Sql {
    return this.codes.endingOf(session.id, when);
  }

  /** After the member switched SMS off: no code of theirs is good for anything. */
  async endAllOf(transaction: Transaction, userId: string): Promise<void> {
    await this.codes.endAllOf(transaction, userId);
  }

  private async findSent(visit: MemberVisit, purpose: SmsCodePurpose, phone: PhoneFacts): Promise<SentCode | undefined> {
    const sent = await this.codes.find({ sessionId: visit.session.id, purpose }, this.clock.now());
    return sent && isGood(visit, phone, sent) ? sent : undefined;
  }

  private factsOf(visit: MemberVisit, { phoneNumber, smsEnabled }: PhoneFacts): SmsFacts {
    return { ...this.offerTo(visit), phoneNumber, smsEnabled };
  }

  private offerTo({ member }: MemberVisit): SmsOfferFacts {
    const { twoFactorRequired, smsAllowed } = member.organization;
    return { twoFactorRequired, smsAllowed, isConnected: this.sending.isConnected };
  }

  private textOf(code: string): string {
    const { config, smsHost } = this.settings;
    return codeText({ code, from: config.TOTP_ISSUER, lifetimeMinutes: codeLifetimeMinutes, host: smsHost });
  }
}

/** A code from before what it hangs on changed is over. */
function isGood({ member }: MemberVisit, { phoneNumberAt, smsSwitchedAt }: PhoneFacts, { sentAt }: StoredCode): boolean {
  const since = latest(member.organization.smsAllowedSince, phoneNumberAt, smsSwitchedAt);
  return !since || sentAt >= since;
}

type Phone = PhoneFacts & { readonly phoneNumber: string };

function bindingOf({ session, member }: MemberVisit, purpose: SmsCodePurpose, phone: Phone): CodeBinding {
  const { phoneNumber: number, phoneNumberAt: numberAt, smsSwitchedAt: switchedAt } = phone;
  return { sessionId: session.id, purpose, userId: member.userId, number, numberAt, switchedAt };
}
