/**
 * After a right password: the session, who came, and the tries that are over, in one statement. It does nothing when the member is
 * not any more as they were read; then they are read again.
 */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { Database, type Transaction } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { OwedWork } from '../platform/owed-work.js';
import { carryOut, ifAny, type Parts, untilItStands } from '../platform/statement.js';
import { type Draft, type Entry, Sessions } from '../sessions/sessions.service.js';
import type { Rotation } from '../sessions/visit.js';
import { Arrivals } from '../users/arrivals.service.js';
import { SignInRowStore } from '../users/sign-in-row.store.js';
import type { PasswordProof } from '../users/user.store.js';
import type { Claimant } from './claimant.store.js';
import { type Acquaintance, KnownBrowsers } from './known-browsers.service.js';
import type { Charge } from './password-charging.service.js';
import { type Guess, PasswordGuessing } from './password-guessing.service.js';

/** A password that was right, and what is known besides. */
export type RightPassword = {
  readonly proof: PasswordProof;
  /** As they were read before the password was compared. */
  readonly acquaintance?: Acquaintance;
  /** What was charged for it, and is over now. */
  readonly charged?: { readonly guess: Guess; readonly charge: Charge };
};

type Known = Pick<Acquaintance, 'device'> & { readonly claimant: Claimant };
type Entering = RightPassword & { readonly entry: Entry; readonly known: Known; readonly draft: Draft };

/** @property isOpened false where a twin's session is given, or none */
type Opening = { readonly rotation: Rotation | undefined; readonly isOpened: boolean };

/** Where a sign-in comes from, and the page that was asked for. */
export type Whence = Omit<Entry, 'userId'>;

@Injectable()
export class SessionOpening {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(PasswordGuessing) private readonly guessing: PasswordGuessing,
    @Inject(KnownBrowsers) private readonly browsers: KnownBrowsers,
    @Inject(SignInRowStore) private readonly rows: SignInRowStore,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Arrivals) private readonly arrivals: Arrivals,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(OwedWork) private readonly owed: OwedWork,
    @Inject(Log) private readonly log: Log,
  ) {}

  /**
   * A double click is one sign-in.
   * @returns undefined when the password was changed or taken away since it was compared, or the member deactivated:
   * whoever does that ends all sessions, and one that is opened a moment later would outlive it
   */
  async open(right: RightPassword, whence: Whence): Promise<Rotation | undefined> {
    try {
      const { rotation, isOpened } = await this.tryToOpen(right, { ...whence, userId: right.proof.userId });
      if (!isOpened) await this.owed.seeTo(() => this.clear(right), 'once');
      return rotation;
    } catch (error) {
      await this.owed.afterFailure(error, () => this.clear(right));
      throw error;
    }
  }

  /** The tries that were charged for a right password, where it opens nothing. */
  async clear({ charged }: RightPassword): Promise<void> {
    if (charged) await this.guessing.clearAfterSuccess(charged.guess, charged.charge);
  }

  private tryToOpen(right: RightPassword, entry: Entry): Promise<Opening> {
    let read = isKnown(right.acquaintance) ? right.acquaintance : undefined;
    return untilItStands(async () => {
      const known = read ?? (await this.readAgain(right, entry));
      read = undefined;
      if (!known) return { rotation: undefined, isOpened: false };
      const draft = this.sessions.draft(entry, known.claimant.facts);
      if (await this.write({ ...right, entry, known, draft })) return { rotation: draft.rotation, isOpened: true };
      const twin = await this.sessions.findTwin(entry, draft);
      return twin ? { rotation: twin, isOpened: false } : 'moved';
    });
  }

  private async readAgain({ proof }: RightPassword, { visitorId, address }: Entry): Promise<Known | undefined> {
    const acquaintance = await this.browsers.lookById(proof.userId, visitorId);
    const { claimant } = acquaintance;
    if (isKnown(acquaintance) && claimant?.password.hash === proof.hash && !claimant.facts.deactivatedAt) return acquaintance;
    this.log.security('sign-in refused: the password holds no more', { user: proof.userId, address });
    return undefined;
  }

  /** The mail about a new browser is a part of the change too; without one, no transaction has to be begun. */
  private async write(entering: Entering): Promise<boolean> {
    const { entry, known, draft } = entering;
    const isTold = !draft.session.halfOpenStage && this.arrivals.isNews(known.device);
    if (!isTold) return this.writeIn(this.database, entering);
    return this.database.$transaction(async (transaction) => {
      const isWritten = await this.writeIn(transaction, entering);
      if (isWritten) await this.arrivals.tell(transaction, { ...entry, member: known.claimant }, known.device);
      return isWritten;
    });
  }

  private async writeIn(transaction: Transaction, entering: Entering): Promise<boolean> {
    const { proof, charged, known, draft } = entering;
    const { lastSignInAt, facts } = known.claimant;
    const parts: Parts = {
      held: this.rows.holding({ ...proof, lastSignInAt, facts }),
      ...this.sessions.opening(draft, 'held'),
      ...this.putOnRecord(entering),
      ...(charged && this.guessing.clearing(charged.guess, charged.charge, ifAny('opened'))),
    };
    return (await carryOut(transaction, parts, ['opened'])).has('opened');
  }

  private putOnRecord({ entry, known, draft }: Entering): Parts {
    const { claimant: member, device } = known;
    const { halfOpenStage } = draft.session;
    const when = ifAny('opened');
    if (!halfOpenStage) return this.arrivals.parts({ ...entry, member }, { by: 'password', device, when, isNumberProven: false });
    const { address } = entry;
    const organizationId = member.organization.id;
    const event = { organizationId, kind: 'password-accepted', actor: member, address, details: { owed: halfOpenStage } } as const;
    return { recorded: this.audit.part(event, when) };
  }
}

function isKnown(acquaintance: Acquaintance | undefined): acquaintance is Acquaintance & Known {
  return acquaintance?.claimant !== undefined;
}
