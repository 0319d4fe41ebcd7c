/** The user rows. */
import { Inject, Injectable } from '@nestjs/common';
import { Prisma } from '../generated/prisma/client.js';
import { Database, type Transaction } from '../platform/database.js';
import type { MemberVisit } from '../sessions/visit.js';
import type { PasswordScheme, StoredPassword } from './password-hash.js';
import { usernameKey } from './username.js';

export type NewUser = {
  readonly organizationId: string;
  readonly username: string;
  readonly name: string;
  readonly email: string | null;
  readonly role: 'OWNER' | 'ADMIN' | 'AGENT';
  readonly password: StoredPassword;
  readonly createdAt: Date;
};

export type UserPassword = {
  readonly id: string;
  readonly hash: string;
  readonly scheme: PasswordScheme;
  readonly deactivatedAt: Date | null;
};
/** Whose password was right, and the hash that it was compared with: time passes before anything is done with it. */
export type PasswordProof = { readonly userId: string; readonly hash: string };
/** Who somebody is, for the record. */
export type OrganizationMember = { readonly userId: string; readonly username: string; readonly organization: { readonly id: string } };
export type Correspondent = OrganizationMember & { readonly email: string };
export type Details = { readonly name: string; readonly email: string | null; readonly phoneNumber: string | null };
/** A member, in one session of theirs. */
type BySession = Pick<MemberVisit, 'session' | 'member'>;
/** What codes by SMS need to know of a member. */
export type PhoneFacts = {
  /** E.164 */
  readonly phoneNumber: string | null;
  readonly phoneNumberAt: Date | null;
  readonly phoneVerifiedAt: Date | null;
  readonly smsEnabled: boolean;
  readonly smsSwitchedAt: Date | null;
};

/** Their columns, of users `u`. */
export const phoneFacts = Prisma.sql`
  u.phone_number AS "phoneNumber", u.phone_number_at AS "phoneNumberAt", u.phone_verified_at AS "phoneVerifiedAt",
  u.sms_enabled AS "smsEnabled", u.sms_switched_at AS "smsSwitchedAt"`;

@Injectable()
export class UserStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async findPassword(id: string): Promise<UserPassword | undefined> {
    const select = { id: true, passwordHash: true, passwordScheme: true, deactivatedAt: true };
    const user = await this.database.user.findUnique({ where: { id }, select });
    return user ? { id: user.id, hash: user.passwordHash, scheme: user.passwordScheme, deactivatedAt: user.deactivatedAt } : undefined;
  }

  /** @returns the new user's id */
  async create(transaction: Transaction, user: NewUser): Promise<string> {
    return (await transaction.user.create({ data: rowOf(user), select: { id: true } })).id;
  }

  /** @returns with the username as it is stored */
  async findMember(username: string): Promise<OrganizationMember | undefined> {
    const select = { id: true, username: true, organizationId: true };
    const user = await this.database.user.findUnique({ where: { usernameKey: usernameKey(username) }, select });
    return user ? { userId: user.id, username: user.username, organization: { id: user.organizationId } } : undefined;
  }

  async getMember(transaction: Transaction, userId: string): Promise<OrganizationMember> {
    const select = { username: true, organizationId: true };
    const { username, organizationId } = await transaction.user.findUniqueOrThrow({ where: { id: userId }, select });
    return { userId, username, organization: { id: organizationId } };
  }

  /** Unless the password was changed since `currentHash` was read. */
  async replacePassword(id: string, currentHash: string, stored: StoredPassword): Promise<boolean> {
    return this.changePassword(this.database, id, currentHash, stored);
  }

  /** @returns false when the password is not the one of `currentHash` any more */
  async changePassword(transaction: Transaction, id: string, currentHash: string, stored: StoredPassword): Promise<boolean> {
    const data = { passwordHash: stored.hash, passwordScheme: stored.scheme };
    return (await transaction.user.updateMany({ where: { id, passwordHash: currentHash }, data })).count === 1;
  }

  /** @returns false when the member is deactivated */
  async setPassword(transaction: Transaction, id: string, { hash, scheme }: StoredPassword): Promise<boolean> {
    const data = { passwordHash: hash, passwordScheme: scheme };
    return (await transaction.user.updateMany({ where: { id, deactivatedAt: null }, data })).count === 1;
  }

  /** Also of who is deactivated: they may come back. */
  async disablePassword(transaction: Transaction, id: string, { hash, scheme }: StoredPassword): Promise<void> {
    await transaction.user.updateMany({ where: { id }, data: { passwordHash: hash, passwordScheme: scheme } });
  }

  /** Whoever changes their password by mail: active, and with an address. */
  async findByMail(username: string): Promise<Correspondent | undefined> {
    const select = { id: true, username: true, organizationId: true, email: true };
    const where = { usernameKey: usernameKey(username), deactivatedAt: null, email: { not: null } };
    const user = await this.database.user.findFirst({ where, select });
    if (!user || user.email === null) return undefined;
    return { userId: user.id, username: user.username, organization: { id: user.organizationId }, email: user.email };
  }

  /** Names: what a new password must not be made of. @returns undefined for who is deactivated */
  async findNames(id: string): Promise<{ readonly username: string; readonly names: readonly (string | null)[] } | undefined> {
    const select = { username: true, name: true, email: true, organization: { select: { name: true } } };
    const user = await this.database.user.findFirst({ where: { id, deactivatedAt: null }, select });
    return user ? { username: user.username, names: [user.organization.name, user.name, user.username, user.email] } : undefined;
  }

  /** The details as they stand, held for this transaction: the twin of a double click sees what the first post saved. */
  async lockDetails(transaction: Transaction, id: string): Promise<Details> {
    const rows = await transaction.$queryRaw<Details[]>`
      SELECT name, email, phone_number AS "phoneNumber" FROM users WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
    const [details] = rows;
    if (!details) throw new Error('a session without a user');
    return details;
  }

  /** @returns false when the session that asks for it was ended meanwhile: the caller holds the row, so this sees it */
  async saveNames(transaction: Transaction, by: BySession, { name, email }: Pick<Details, 'name' | 'email'>): Promise<boolean> {
    return (await transaction.user.updateMany({ where: stillIn(by), data: { name, email } })).count === 1;
  }

  async changeNumber(
    transaction: Transaction,
    id: string,
    { phoneNumber, at }: { readonly phoneNumber: string | null; readonly at: Date },
  ): Promise<void> {
    const data = { phoneNumber, phoneNumberAt: phoneNumber === null ? null : at, phoneVerifiedAt: null };
    await transaction.user.updateMany({ where: { id }, data });
  }

  async findPhoneFacts(id: string): Promise<PhoneFacts> {
    const [facts] = await this.database.ask<PhoneFacts>(Prisma.sql`
      SELECT ${phoneFacts} FROM users u WHERE u.id = ${id}::uuid`);
    if (!facts) throw new Error('a session without a user');
    return facts;
  }

  /**
   * A right code by SMS shows that the number is the member's.
   * @returns false when it is the member's no more, or they switched SMS off: another post was first
   */
  async markPhoneVerified(
    transaction: Transaction,
    id: string,
    { phoneNumber, at }: { readonly phoneNumber: string; readonly at: Date },
  ): Promise<boolean> {
    const where = { id, phoneNumber, smsEnabled: true };
    return (await transaction.user.updateMany({ where, data: { phoneVerifiedAt: at } })).count === 1;
  }

  /** @returns false when it stood so already, or as for the names */
  async switchSms(transaction: Transaction, by: BySession, { isOn, at }: { readonly isOn: boolean; readonly at: Date }): Promise<boolean> {
    const data = { smsEnabled: isOn, smsSwitchedAt: at };
    return (await transaction.user.updateMany({ where: { ...stillIn(by), smsEnabled: !isOn }, data })).count === 1;
  }

  async findAddress(transaction: Transaction, id: string): Promise<string | null> {
    return (await transaction.user.findUniqueOrThrow({ where: { id }, select: { email: true } })).email;
  }

  async findOwnerAddresses(transaction: Transaction, organizationId: string): Promise<readonly string[]> {
    const where = { organizationId, role: 'OWNER' as const, deactivatedAt: null, email: { not: null } };
    const owners = await transaction.user.findMany({ where, select: { email: true } });
    return owners.flatMap(({ email }) => (email === null ? [] : [email]));
  }

  async findLastSignIn(transaction: Transaction, id: string): Promise<Date | null> {
    return (await transaction.user.findUniqueOrThrow({ where: { id }, select: { lastSignInAt: true } })).lastSignInAt;
  }

  async chooseTwoFactor(transaction: Transaction, id: string, choseTwoFactor: boolean): Promise<void> {
    await transaction.user.updateMany({ where: { id }, data: { choseTwoFactor } });
  }
}

/** The member, as long as that session of theirs stands. */
function stillIn({ session, member }: BySession) {
  return { id: member.userId, sessions: { some: { id: session.id } } };
}

export function rowOf<User extends NewUser>({ password, ...user }: User) {
  return { ...user, usernameKey: usernameKey(user.username), passwordHash: password.hash, passwordScheme: password.scheme };
}
