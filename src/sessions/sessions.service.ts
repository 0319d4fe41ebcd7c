/** Opening, rotating and ending sessions. */
import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { after, Clock, seconds } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { Keyring } from '../platform/keyring.js';
import { randomId } from '../platform/randomness.js';
import { Sweeper } from '../platform/sweeper.js';
import { ChallengeCodesStore } from './challenge-codes.store.js';
import {
  deriveSignInStage,
  type HalfOpenStage,
  halfOpenLifetime,
  halfOpenOf,
  type SecondFactorMethod,
  sessionLifetime,
} from './domain/sign-in-stage.js';
import { hasFreshProof, strongestFactor } from './domain/step-up.policy.js';
import { type NewSession, type Proof, SessionStore } from './session.store.js';
import { firstToken, hashOfToken, successorOf } from './session-token.js';
import { pageOfStage } from './stage-page.js';
import type { MemberVisit, Rotation, Visit, VisitSession } from './visit.js';

/** OWASP ASVS 5.0, 7.1.2: at most so many signed-in sessions a user; the oldest ends. */
const sessionsPerUser = 10;

const currentOf = ({ id, token }: VisitSession) => ({ id, tokenHash: hashOfToken(token) });
/** How long the twin of a sign-in is recognized. */
const twinWindow = seconds(10);
const unproven = { secondFactorAt: null, secondFactorMethod: null, halfOpenStage: null, halfOpenSince: null };

/** A right password: whose, and from where. */
export type Entry = Pick<Visit, 'visitorId' | 'address' | 'userAgent'> & {
  readonly userId: string;
  /** The page that was asked for. */
  readonly returnTo?: string | undefined;
};
/** What became of it: `halfOpenStage` null means signed in; the twin of a double click changed nothing. */
export type Opened = { readonly rotation: Rotation; readonly halfOpenStage: HalfOpenStage | null; readonly isTwin: boolean };

/** Where the post that brought a proof leads. */
type Proven = { readonly to: string };

@Injectable()
export class Sessions {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(SessionStore) private readonly store: SessionStore,
    @Inject(ChallengeCodesStore) private readonly codes: ChallengeCodesStore,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Keyring) private readonly keyring: Keyring,
    @Inject(Sweeper) sweeper: Sweeper,
  ) {
    sweeper.register('sessions', (now) => this.store.sweep(now, after(now, -halfOpenLifetime)));
  }

  /**
   * After a right password: a new session, in the stage that the member's facts and the policy leave open. The twin of
   * the post (a double click) is given the session that the first one opened.
   */
  async open(transaction: Transaction, entry: Entry): Promise<Opened> {
    const { userId, visitorId, returnTo } = entry;
    const session = await this.newSession(transaction, entry);
    const twin = await this.store.createOnce(transaction, session, after(session.passwordAt, -twinWindow));
    const { id, expiresAt, halfOpenStage } = twin ?? session;
    if (!twin && !halfOpenStage) await this.store.endOldest(transaction, userId, id, sessionsPerUser - 1);
    const to = halfOpenStage ? pageOfStage[halfOpenStage] : (returnTo ?? '/');
    return { rotation: { token: firstToken(visitorId, id, this.keyring), expiresAt, to }, halfOpenStage, isTwin: twin !== undefined };
  }

  /**
   * Records a proof by a second factor and gives the cookie a new value, in the transaction that accepted the proof.
   * @param proven by which method, and where the post leads
   * @returns undefined when the cookie was rotated or the session ended meanwhile: the caller must roll back
   */
  prove(
    transaction: Transaction,
    visit: MemberVisit,
    { method, ...proven }: Proven & { readonly method: SecondFactorMethod },
  ): Promise<Rotation | undefined> {
    return this.rotate(transaction, visit, { secondFactorAt: this.clock.now(), secondFactorMethod: method }, proven);
  }

  /** Records that the password was proven once more; the absolute end stays where it was. */
  provePassword(transaction: Transaction, visit: MemberVisit, proven: Proven): Promise<Rotation | undefined> {
    return this.rotate(transaction, visit, { passwordAt: this.clock.now() }, proven);
  }

  /** What is true of the visit once its member has proven, by the code of their app or else by the password, who they are. */
  afterProof(visit: MemberVisit, { token }: Rotation): MemberVisit {
    const now = this.clock.now();
    const isCode = strongestFactor(visit.member.authenticatorSince) === 'code';
    const proof = isCode ? { secondFactorAt: now, secondFactorMethod: 'TOTP' as const } : { passwordAt: now };
    return { ...visit, session: { ...visit.session, token, ...proof } };
  }

  /** The twin of the post that rotated the cookie is led there too. */
  async leadTwin({ session }: MemberVisit, to: string): Promise<void> {
    await this.store.leadTwin(session.id, to);
  }

  /** Whether the member proved who they are in the last ten minutes, by the strongest factor that they have. */
  hasFreshProof({ session, member }: MemberVisit): boolean {
    return hasFreshProof(session, member.authenticatorSince, this.clock.now());
  }

  /** @returns false when `limit` codes were charged to this challenge already, or it is over */
  chargeCode({ session }: MemberVisit, limit: number): Promise<boolean> {
    return this.codes.charge(currentOf(session), limit);
  }

  refundCode({ session }: MemberVisit): Promise<void> {
    return this.codes.refund(currentOf(session));
  }

  /** Ends the session when its challenge has had its codes. @returns whether it did */
  async endAfterCodes({ session }: MemberVisit, limit: number): Promise<boolean> {
    const charged = await this.codes.count(currentOf(session));
    if (charged === undefined || charged < limit) return false;
    await this.end(session.id);
    return true;
  }

  /**
   * Waits, a second at most, for the other posts of this challenge that are on their way: when one of them, sent by
   * the same double click, is accepted, this one must not be refused before (see TwinPost).
   */
  async settle({ session }: MemberVisit): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) {
      if ((await this.codes.count(currentOf(session))) === undefined) return;
      await pause(50);
    }
  }

  /** After a member's authenticator changed: every other session is asked for the new one. */
  async forgetOtherProofs(transaction: Transaction, { session, member }: MemberVisit): Promise<void> {
    await this.store.forgetProofs(transaction, { userId: member.userId, exceptId: session.id });
  }

  /** After a member's number, or their switch for SMS, changed: what was proven by it elsewhere is asked for again. */
  async forgetOtherProofsBySms(transaction: Transaction, { session, member }: MemberVisit): Promise<void> {
    await this.store.forgetProofs(transaction, { userId: member.userId, exceptId: session.id, method: 'SMS' });
  }

  /** After an organization stopped asking for two-factor; with a stage, for that one alone. */
  async forgetStageEntries(transaction: Transaction, organizationId: string, stage?: HalfOpenStage): Promise<void> {
    await this.store.forgetStageEntries(transaction, { organizationId, enteredAfter: after(this.clock.now(), -halfOpenLifetime), stage });
  }

  async end(sessionId: string, transaction: Transaction = this.database): Promise<void> {
    await this.store.end(transaction, sessionId);
  }

  private async newSession(transaction: Transaction, { userId, visitorId, address, userAgent, returnTo }: Entry): Promise<NewSession> {
    const id = randomId();
    const passwordAt = this.clock.now();
    const expiresAt = after(passwordAt, sessionLifetime);
    const facts = await this.store.findUserFacts(transaction, userId);
    const stage = deriveSignInStage({ ...unproven, ...facts, expiresAt }, passwordAt);
    const halfOpenStage = halfOpenOf(stage);
    const tokenHash = hashOfToken(firstToken(visitorId, id, this.keyring));
    const openedFor = this.keyring.mac('session-opened-for', `${visitorId} ${userId}`);
    const seen = { startedAt: passwordAt, lastSeenAt: passwordAt, address, userAgent };
    return { id, userId, tokenHash, openedFor, passwordAt, expiresAt, halfOpenStage, returnTo: returnTo ?? null, ...seen };
  }

  private async rotate(
    transaction: Transaction,
    { session, member, postDigest }: MemberVisit,
    proof: Proof,
    { to }: Proven,
  ): Promise<Rotation | undefined> {
    const token = successorOf(session.token, this.keyring);
    const facts = {
      ...proof,
      tokenHash: hashOfToken(token),
      rotatedAt: this.clock.now(),
      rotatedByPost: postDigest ?? null,
      rotatedTo: to,
    };
    const isRotated = await this.store.rotate(transaction, currentOf(session), facts);
    if (!isRotated) return undefined;
    await this.store.endOldest(transaction, member.userId, session.id, sessionsPerUser - 1);
    return { token, expiresAt: session.expiresAt, to };
  }
}
