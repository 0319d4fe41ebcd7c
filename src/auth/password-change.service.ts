/** Changing one's own password: with the current one, and for who has an authenticator after a fresh proof. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { Database, type Transaction } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { OwedWork } from '../platform/owed-work.js';
import { MemberSessions } from '../sessions/member-sessions.service.js';
import { Sessions } from '../sessions/sessions.service.js';
import type { MemberVisit, Rotation } from '../sessions/visit.js';
import { MemberMail } from '../users/member-mail.service.js';
import type { StoredPassword } from '../users/password-hash.js';
import { Passwords } from '../users/passwords.service.js';
import { UserStore } from '../users/user.store.js';
import { passwordChangedMail } from './password.mail.js';
import { ResetLinkStore } from './reset-link.store.js';
import type { ChargeRefusal } from './password-charging.service.js';
import { PasswordGuessing } from './password-guessing.service.js';
import { SignIn } from './sign-in.service.js';

export type ChangeOutcome =
  | { readonly outcome: 'changed'; readonly rotation: Rotation }
  | { readonly outcome: 'wrong' | 'proof-needed' }
  | ChargeRefusal
  | { readonly outcome: 'password-refused'; readonly message: string };

type BothPasswords = { readonly currentPassword: string; readonly password: string };
type Change = { readonly currentHash: string; readonly stored: StoredPassword; readonly to: string };

const same = { outcome: 'password-refused', message: 'This is your password already. Choose another one.' } as const;

@Injectable()
export class PasswordChange {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(SignIn) private readonly signIn: SignIn,
    @Inject(PasswordGuessing) private readonly guessing: PasswordGuessing,
    @Inject(OwedWork) private readonly owed: OwedWork,
    @Inject(UserStore) private readonly users: UserStore,
    @Inject(ResetLinkStore) private readonly links: ResetLinkStore,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(MemberSessions) private readonly memberSessions: MemberSessions,
    @Inject(MemberMail) private readonly mail: MemberMail,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Whether a code has to be given first; without an authenticator, the current password in the form is the proof. */
  needsProof(visit: MemberVisit): boolean {
    return visit.member.authenticatorSince !== null && !this.sessions.hasFreshProof(visit);
  }

  /** @param to where the post leads */
  async change(visit: MemberVisit, { currentPassword, password }: BothPasswords, to: string): Promise<ChangeOutcome> {
    if (this.needsProof(visit)) return { outcome: 'proof-needed' };
    const { userId, username } = visit.member;
    const { address, visitorId } = visit;
    const check = await this.signIn.checkPassword({ username, password: currentPassword, address, visitorId });
    if (check.outcome !== 'right') return check;
    if (password === currentPassword) return same;
    const message = this.passwords.refuse(password, (await this.users.findNames(userId))?.names ?? []);
    if (message) return { outcome: 'password-refused', message };
    const stored = await this.passwords.hash(password);
    const rotation = await this.write(visit, { currentHash: check.proof.hash, stored, to });
    if (!rotation) return { outcome: 'wrong' };
    // What strangers tried was for the password before.
    await this.owed.seeTo(() => this.guessing.forget(username), 'again');
    this.log.info('password changed', { user: userId });
    return { outcome: 'changed', rotation };
  }

  private async write(visit: MemberVisit, change: Change): Promise<Rotation | undefined> {
    try {
      return await this.database.$transaction((transaction) => this.writeIn(transaction, visit, change));
    } catch (error) {
      if (error instanceof SupersededError) return undefined;
      throw error;
    }
  }

  private async writeIn(transaction: Transaction, visit: MemberVisit, { currentHash, stored, to }: Change): Promise<Rotation> {
    const { member } = visit;
    if (!(await this.users.changePassword(transaction, member.userId, currentHash, stored))) throw new SupersededError();
    const rotation = await this.sessions.provePassword(transaction, visit, { to });
    if (!rotation) throw new SupersededError();
    await this.memberSessions.endOthers(transaction, visit);
    // Whoever got hold of a link, and made the member change the password, shall not change it back with it.
    await this.links.end(transaction, member.userId);
    await this.mail.tell(transaction, member, passwordChangedMail);
    await this.audit.recordActOf(transaction, visit, { kind: 'password-changed' });
    return rotation;
  }
}

/** Rolls the transaction back: another post changed the password, or the session moved on. */
class SupersededError extends Error {
  readonly code = 'SUPERSEDED';
}
