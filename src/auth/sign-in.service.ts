/** Sign-in by username and password: the limits, then passport-local's strategy over our own password check. */
import { Inject, Injectable } from '@nestjs/common';
import { LocalStrategy } from '../platform/local-strategy.js';
import { Log } from '../platform/log.js';
import { Passwords } from '../users/passwords.service.js';
import { type Attempt, PasswordGuessing } from './password-guessing.service.js';

export type Credentials = Attempt & { readonly password: string };
export type SignInOutcome =
  | { readonly outcome: 'right'; readonly userId: string }
  | { readonly outcome: 'wrong' }
  | { readonly outcome: 'waiting'; readonly seconds: number };

@Injectable()
export class SignIn {
  private readonly strategy: LocalStrategy;

  constructor(
    @Inject(Passwords) passwords: Passwords,
    @Inject(PasswordGuessing) private readonly guessing: PasswordGuessing,
    @Inject(Log) private readonly log: Log,
  ) {
    this.strategy = new LocalStrategy((username, password) => passwords.check(username, password));
  }

  /** @throws GateFullError when too many passwords are waiting to be compared; the try is not counted */
  async checkPassword(credentials: Credentials): Promise<SignInOutcome> {
    const charge = await this.guessing.charge(credentials);
    if (charge.outcome === 'waiting') {
      this.log.security('sign-in refused: waiting');
      return charge;
    }
    try {
      const userId = await this.strategy.authenticate(credentials.username, credentials.password);
      if (userId === undefined) {
        await this.guessing.settle(charge.keys);
        this.log.security('sign-in refused: wrong username or password');
        return { outcome: 'wrong' };
      }
      await this.guessing.clearAfterSuccess(charge.keys);
      this.log.info('password accepted', { user: userId });
      return { outcome: 'right', userId };
    } catch (error) {
      await this.guessing.giveBack(charge.keys).catch((failed: unknown) => this.log.error('a charged try could not be given back', failed));
      throw error;
    }
  }
}
