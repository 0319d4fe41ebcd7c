/** Saving a member's details. A number or an address that changes is a way in: it asks for proof, and it is told by mail. */
import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { Settings } from '../platform/settings.js';
import { hasFreshProof } from '../sessions/domain/step-up.policy.js';
import { Sessions } from '../sessions/sessions.service.js';
import type { MemberVisit } from '../sessions/visit.js';
import { emailChangedMail, numberChangedMail } from './details.mail.js';
import { MemberMail } from './member-mail.service.js';
import { type Details, UserStore } from './user.store.js';

@Injectable()
export class ProfileDetails {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(UserStore) private readonly users: UserStore,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(MemberMail) private readonly mail: MemberMail,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
    @Inject(Settings) private readonly settings: Settings,
  ) {}

  async find({ member }: MemberVisit): Promise<Details> {
    return (await this.users.findDetails(member.userId)) ?? { name: member.name, email: null, phoneNumber: null };
  }

  hasFreshProof({ session, member }: MemberVisit): boolean {
    return hasFreshProof(session, member.authenticatorSince, this.clock.now());
  }

  /** @returns `proof-needed` when the number or the address would change and the last proof is too old; nothing is saved then */
  async save(visit: MemberVisit, asked: Details): Promise<'saved' | 'proof-needed'> {
    const { userId } = visit.member;
    const outcome = await this.database.$transaction((transaction) => this.saveHeld(transaction, visit, asked));
    if (outcome === 'proof-needed') return outcome;
    if (outcome === 'number-changed') this.log.info('phone number changed', { user: userId, isRemoved: asked.phoneNumber === null });
    return 'saved';
  }

  private async saveHeld(
    transaction: Transaction,
    visit: MemberVisit,
    asked: Details,
  ): Promise<'saved' | 'number-changed' | 'proof-needed'> {
    const { userId, username } = visit.member;
    const before = await this.users.lockDetails(transaction, userId);
    const isEmailChanged = asked.email !== before.email;
    const isNumberChanged = asked.phoneNumber !== before.phoneNumber;
    if ((isEmailChanged || isNumberChanged) && !this.hasFreshProof(visit)) return 'proof-needed';
    const about = { username, at: this.clock.now(), door: this.settings.config.PUBLIC_URL };
    await this.users.saveNames(transaction, userId, asked);
    if (isEmailChanged) await this.mail.send(transaction, before.email, emailChangedMail(about));
    if (!isNumberChanged) return 'saved';
    await this.users.changeNumber(transaction, userId, asked.phoneNumber, about.at);
    await this.sessions.forgetOtherProofsBySms(transaction, visit);
    await this.mail.send(transaction, before.email ?? asked.email, numberChangedMail({ ...about, number: asked.phoneNumber }));
    return 'number-changed';
  }
}
