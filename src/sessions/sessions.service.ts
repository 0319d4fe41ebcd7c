/** Opening, rotating and ending sessions. */
import { Inject, Injectable } from '@nestjs/common';
import { after, Clock, seconds } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { Keyring } from '../platform/keyring.js';
import { randomId } from '../platform/randomness.js';
import { afterPart, allOf, ifAny, type Parts, type Sql } from '../platform/statement.js';
import { Sweeper } from '../platform/sweeper.js';
import {
  deriveSignInStage,
  type HalfOpenStage,
  halfOpenLifetime,
  halfOpenOf,
  type SecondFactorMethod,
  sessionLifetime,
} from './domain/sign-in-stage.js';
import { hasFreshProof, strongestFactor } from './domain/step-up.policy.js';
import { type NewSession, type Proof, type RotatedFacts, SessionStore, type Twin, type UserFacts } from './session.store.js';
import { currentOf, firstToken, hashOfToken, successorOf } from './session-token.js';
import { pageOfStage } from './stage-page.js';
import type { MemberVisit, Rotation, Visit } from './visit.js';

/** OWASP ASVS 5.0, 7.1.2: at most so many signed-in sessions a user; the oldest ends. */
const sessionsPerUser = 10;

/** How long the twin of a sign-in is recognized. */
const twinWindow = seconds(10);
const unproven = { secondFactorAt: null, secondFactorMethod: null, halfOpenStage: null, halfOpenSince: null };

/** A right password: whose, and from where. */
export type Entry = Pick<Visit, 'visitorId' | 'address' | 'userAgent'> & {
  readonly userId: string;
  /** The page that was asked for. */
  readonly returnTo?: string | undefined;
};
/** A session that is still to be opened: what is written, and what its cookie will be. `halfOpenStage` null means signed in. */
export type Draft = { readonly session: NewSession; readonly rotation: Rotation };

/** Where the post that brought a proof leads. */
type Proven = { readonly to: string };

@Injectable()
export class Sessions {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(SessionStore) private readonly store: SessionStore,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Keyring) private readonly keyring: Keyring,
    @Inject(Sweeper) sweeper: Sweeper,
  ) {
    sweeper.register('sessions', (now) => this.store.sweep(now, after(now, -halfOpenLifetime)));
  }

  /** After a right password: a new session, in the stage that the member's facts and the policy leave open. */
  draft(entry: Entry, facts: UserFacts): Draft {
    const session = this.newSession(entry, facts);
    return { session, rotation: this.rotationTo(entry, session) };
  }

  /**
   * Parts of the statement that opens it.
   * @param held the part that holds the member's row
   */
  opening({ session }: Draft, held: string): Parts {
    return this.store.opening(session, { held, twinSince: after(session.passwordAt, -twinWindow), others: sessionsPerUser - 1 });
  }

  /** The twin of the post (a double click) is given the session that the first one opened. */
  async findTwin(entry: Entry, { session }: Draft): Promise<Rotation | undefined> {
    const twin = await this.store.findTwin(session.openedFor, after(session.passwordAt, -twinWindow));
    return twin && this.rotationTo(entry, twin);
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

  /**
   * Parts of a statement that does the same: `proven` gives a row when it was done.
   * @returns with them what the cookie's new value is then
   */
  proving(visit: MemberVisit, { method, to, when }: Proven & { readonly method: SecondFactorMethod; readonly when: Sql }) {
    const facts = this.rotatedFacts(visit, { secondFactorAt: this.clock.now(), secondFactorMethod: method }, to);
    const kept = { userId: visit.member.userId, id: visit.session.id };
    const parts: Parts = {
      proven: this.store.rotating(currentOf(visit.session), facts, when),
      ended: this.store.endingOldest(kept, { others: sessionsPerUser - 1, when: ifAny('proven') }),
    };
    return { parts, rotation: this.rotationBy(visit, to) };
  }

  /** A part: holds the session of the visit, after the part `after`, while its cookie's value was not rotated. */
  holding({ session }: MemberVisit, after: string, when: Sql): Sql {
    return this.store.holding(currentOf(session), allOf(when, afterPart(after)));
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

  private newSession({ userId, visitorId, address, userAgent, returnTo }: Entry, facts: UserFacts): NewSession {
    const id = randomId();
    const passwordAt = this.clock.now();
    const expiresAt = after(passwordAt, sessionLifetime);
    const halfOpenStage = halfOpenOf(deriveSignInStage({ ...unproven, ...facts, expiresAt }, passwordAt));
    const tokenHash = hashOfToken(firstToken(visitorId, id, this.keyring));
    const openedFor = this.keyring.mac('session-opened-for', `${visitorId} ${userId}`);
    const seen = { startedAt: passwordAt, lastSeenAt: passwordAt, address, userAgent };
    return { id, userId, tokenHash, openedFor, passwordAt, expiresAt, halfOpenStage, returnTo: returnTo ?? null, ...seen };
  }

  private rotationTo({ visitorId, returnTo }: Entry, { id, expiresAt, halfOpenStage }: Twin): Rotation {
    const to = halfOpenStage ? pageOfStage[halfOpenStage] : (returnTo ?? '/');
    return { token: firstToken(visitorId, id, this.keyring), expiresAt, to };
  }

  private async rotate(transaction: Transaction, visit: MemberVisit, proof: Proof, { to }: Proven): Promise<Rotation | undefined> {
    const { session, member } = visit;
    const isRotated = await this.store.rotate(transaction, currentOf(session), this.rotatedFacts(visit, proof, to));
    if (!isRotated) return undefined;
    await this.store.endOldest(transaction, { userId: member.userId, id: session.id }, sessionsPerUser - 1);
    return this.rotationBy(visit, to);
  }

  private rotatedFacts({ session, postDigest }: MemberVisit, proof: Proof, to: string): RotatedFacts {
    const tokenHash = hashOfToken(successorOf(session.token, this.keyring));
    return { ...proof, tokenHash, rotatedAt: this.clock.now(), rotatedByPost: postDigest ?? null, rotatedTo: to };
  }

  private rotationBy({ session }: MemberVisit, to: string): Rotation {
    return { token: successorOf(session.token, this.keyring), expiresAt: session.expiresAt, to };
  }
}
