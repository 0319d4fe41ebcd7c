/** Saving a member's details. A number or an address that changes is a way in: it asks for proof, and it is told by mail. */
import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database.js';
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
    const before = await this.find(visit);
    const isSensitive = asked.phoneNumber !== before.phoneNumber || asked.email !== before.email;
    if (isSensitive && !this.hasFreshProof(visit)) return 'proof-needed';
    await this.database.$transaction(async (transaction) => {
      const { userId } = visit.member;
      const address = await this.users.findAddress(transaction, userId);
      await this.users.saveNames(transaction, userId, asked);
      const about = { username: visit.member.username, at: this.clock.now(), door: this.settings.config.PUBLIC_URL };
      if (address !== null && address !== asked.email) await this.mail.send(transaction, address, emailChangedMail(about));
      if (!(await this.users.changeNumber(transaction, userId, asked.phoneNumber, about.at))) return;
      await this.sessions.forgetOtherProofsBySms(transaction, visit);
      await this.mail.send(transaction, address ?? asked.email, numberChangedMail({ ...about, number: asked.phoneNumber }));
      this.log.info('phone number changed', { user: userId, isRemoved: asked.phoneNumber === null });
    });
    return 'saved';
  }
}
