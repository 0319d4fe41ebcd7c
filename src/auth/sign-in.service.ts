/** Sign-in by username and password: the limits, then passport-local's strategy over our own password check. */
import { Inject, Injectable } from '@nestjs/common';
import passport from 'passport';
import { Strategy, type VerifyFunction } from 'passport-local';
import { Log } from '../platform/log.js';
import { Passwords } from '../users/passwords.service.js';
import { type Attempt, PasswordGuessing } from './password-guessing.service.js';

export type Credentials = Attempt & { readonly password: string };
export type SignInOutcome =
  | { readonly outcome: 'right'; readonly userId: string }
  | { readonly outcome: 'wrong' }
  | { readonly outcome: 'waiting'; readonly seconds: number };

/** What passport makes, with the types that its own declarations leave open. */
type Middleware = (request: object, response: object, next: (error: unknown) => void) => void;

@Injectable()
export class SignIn {
  private readonly passport: passport.Authenticator<Middleware, Middleware> = new passport.Passport();

  constructor(
    @Inject(Passwords) passwords: Passwords,
    @Inject(PasswordGuessing) private readonly guessing: PasswordGuessing,
    @Inject(Log) private readonly log: Log,
  ) {
    const verify: VerifyFunction = (username, password, done) => {
      passwords.check(username, password).then(
        (userId) => done(null, userId === undefined ? false : { id: userId }),
        (error: unknown) => done(error),
      );
    };
    this.passport.use(new Strategy({ session: false }, verify));
  }

  /** @throws GateFullError when too many passwords are waiting to be compared; the try is not counted */
  async checkPassword(credentials: Credentials): Promise<SignInOutcome> {
    const charge = await this.guessing.charge(credentials);
    if (charge.outcome === 'waiting') {
      this.log.security('sign-in refused: waiting');
      return charge;
    }
    try {
      const userId = await this.authenticate(credentials);
      if (userId === undefined) {
        this.log.security('sign-in refused: wrong username or password');
        return { outcome: 'wrong' };
      }
      await this.guessing.clearAfterSuccess(charge.keys);
      return { outcome: 'right', userId };
    } catch (error) {
      await this.guessing.giveBack(charge.keys).catch((failed: unknown) => this.log.error('a charged try could not be given back', failed));
      throw error;
    }
  }

  /** The strategy is handed the two checked strings alone: it would read credentials from the address as well. */
  private authenticate({ username, password }: Credentials): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const decided = (error: unknown, user?: { id: string } | false) => {
        if (error) return reject(error instanceof Error ? error : new Error('the password could not be checked'));
        resolve(user ? user.id : undefined);
      };
      const authenticate = this.passport.authenticate('local', { session: false }, decided);
      authenticate({ body: { username, password }, query: {} }, {}, decided);
    });
  }
}
