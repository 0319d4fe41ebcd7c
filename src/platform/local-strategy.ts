/** passport-local, fed with two checked strings alone: by itself it would read credentials from the address as well. */
import passport from 'passport';
import { Strategy, type VerifyFunction } from 'passport-local';

export type CheckPassword<Found> = (username: string, password: string) => Promise<Found | undefined>;

type Middleware = (request: object, response: object, next: (error: unknown) => void) => void;

export class LocalStrategy<Found extends object> {
  private readonly passport = new passport.Passport();

  /** @param check gives what was found out about the user when the password is right */
  constructor(check: CheckPassword<Found>) {
    const verify: VerifyFunction = (username, password, done) => {
      check(username, password).then(
        (found) => done(null, found ?? false),
        (error: unknown) => done(error),
      );
    };
    this.passport.use(new Strategy({ session: false }, verify));
  }

  /** @throws what `check` throws */
  authenticate(username: string, password: string): Promise<Found | undefined> {
    return new Promise((resolve, reject) => {
      const decided = (error: unknown, user?: Found | false) => {
        if (error) return reject(error instanceof Error ? error : new Error('the password could not be checked'));
        resolve(user || undefined);
      };
      // The types speak of a whole Express request; the strategy reads its body and query.
      const middleware = this.passport.authenticate('local', { session: false }, decided) as Middleware;
      middleware({ body: { username, password }, query: {} }, {}, decided);
    });
  }
}
