/** Saving a member's details. A number or an address that changes is a way in: it asks for proof, and it is told by mail. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { Clock } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { Sessions } from '../sessions/sessions.service.js';
import type { MemberVisit } from '../sessions/visit.js';
import { emailChangedMail, numberChangedMail } from './details.mail.js';
import { MemberMail } from './member-mail.service.js';
import { type Details, UserStore } from './user.store.js';

type Saved = { readonly outcome: 'saved' | 'proof-needed'; readonly isEmailChanged: boolean; readonly isNumberChanged: boolean };
const proofNeeded: Saved = { outcome: 'proof-needed', isEmailChanged: false, isNumberChanged: false };

@Injectable()
export class ProfileDetails {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(UserStore) private readonly users: UserStore,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(MemberMail) private readonly mail: MemberMail,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** @returns `proof-needed` when the number or the address would change and the last proof is too old; nothing is saved then */
  async save(visit: MemberVisit, asked: Details): Promise<'saved' | 'proof-needed'> {
    const { userId } = visit.member;
    const saved = await this.database.$transaction((transaction) => this.saveHeld(transaction, visit, asked));
    if (saved.isEmailChanged) this.log.info('e-mail address changed', { user: userId, isRemoved: asked.email === null });
    if (saved.isNumberChanged) this.log.info('phone number changed', { user: userId, isRemoved: asked.phoneNumber === null });
    return saved.outcome;
  }

  private async saveHeld(transaction: Transaction, visit: MemberVisit, asked: Details): Promise<Saved> {
    const { member } = visit;
    const { userId } = member;
    const before = await this.users.lockDetails(transaction, userId);
    const isEmailChanged = asked.email !== before.email;
    const isNumberChanged = asked.phoneNumber !== before.phoneNumber;
    if ((isEmailChanged || isNumberChanged) && !this.sessions.hasFreshProof(visit)) return proofNeeded;
    // Not in a session that was ended a moment ago, by a new password or a reset: its proof went with it.
    if (!(await this.users.saveNames(transaction, visit, asked))) return proofNeeded;
    if (isEmailChanged) await this.tellOfEmail(transaction, visit, before.email);
    if (!isNumberChanged) return { outcome: 'saved', isEmailChanged, isNumberChanged };
    await this.users.changeNumber(transaction, userId, { phoneNumber: asked.phoneNumber, at: this.clock.now() });
    await this.sessions.forgetOtherProofsBySms(transaction, visit);
    const told = { ...member, address: before.email ?? asked.email };
    await this.mail.tell(transaction, told, (about) => numberChangedMail({ ...about, number: asked.phoneNumber }));
    await this.audit.recordActOf(transaction, visit, { kind: 'number-changed', details: { isRemoved: asked.phoneNumber === null } });
    return { outcome: 'saved', isEmailChanged, isNumberChanged };
  }

  private async tellOfEmail(transaction: Transaction, visit: MemberVisit, before: string | null): Promise<void> {
    await this.mail.tell(transaction, { ...visit.member, address: before }, emailChangedMail);
    await this.audit.recordActOf(transaction, visit, { kind: 'email-changed' });
  }
}
