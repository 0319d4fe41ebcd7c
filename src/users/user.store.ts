/** The user rows. */
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '../platform/database.js';
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

export type UserPassword = { readonly id: string; readonly hash: string; readonly scheme: PasswordScheme; readonly deactivatedAt: Date | null };
export type Details = { readonly name: string; readonly email: string | null };

@Injectable()
export class UserStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async findPassword(key: string): Promise<UserPassword | undefined> {
    const select = { id: true, passwordHash: true, passwordScheme: true, deactivatedAt: true };
    const user = await this.database.user.findUnique({ where: { usernameKey: key }, select });
    return user ? { id: user.id, hash: user.passwordHash, scheme: user.passwordScheme, deactivatedAt: user.deactivatedAt } : undefined;
  }

  async isTaken(username: string): Promise<boolean> {
    return (await this.database.user.count({ where: { usernameKey: usernameKey(username) } })) > 0;
  }

  /** @returns the new user's id */
  async create(transaction: Transaction, { username, password, ...user }: NewUser): Promise<string> {
    const data = { ...user, username, usernameKey: usernameKey(username), passwordHash: password.hash, passwordScheme: password.scheme };
    return (await transaction.user.create({ data, select: { id: true } })).id;
  }

  /** Unless the password was changed since `currentHash` was read. */
  async replacePassword(id: string, currentHash: string, { hash, scheme }: StoredPassword): Promise<void> {
    await this.database.user.updateMany({ where: { id, passwordHash: currentHash }, data: { passwordHash: hash, passwordScheme: scheme } });
  }

  async findDetails(id: string): Promise<Details | null> {
    return this.database.user.findUnique({ where: { id }, select: { name: true, email: true } });
  }

  async saveDetails(id: string, { name, email }: Details): Promise<void> {
    await this.database.user.updateMany({ where: { id }, data: { name, email } });
  }

  async chooseTwoFactor(transaction: Transaction, id: string, choseTwoFactor: boolean): Promise<void> {
    await transaction.user.updateMany({ where: { id }, data: { choseTwoFactor } });
  }
}
