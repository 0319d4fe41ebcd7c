/**
 * What many build in an afternoon: Express, passport-local, express-session in PostgreSQL without a write at each page, and a
 * second step with a code that is taken once. No limits, no audit, no known browsers.
 */
import bcrypt from 'bcrypt';
import connectPgSimple from 'connect-pg-simple';
import express from 'express';
import session from 'express-session';
import { Secret, TOTP } from 'otpauth';
import passport from 'passport';
import { Strategy } from 'passport-local';
import pg from 'pg';
import { people } from './people.mjs';
import { environment, newToken, views, viewsDirectory } from './views.mjs';

const pool = new pg.Pool({ connectionString: process.env.PEER_DATABASE_URL });
const PgStore = connectPgSimple(session);

if (process.argv.includes('seed')) await seed();
else serve();

async function seed() {
  await pool.query(`CREATE TABLE users (id serial PRIMARY KEY, username text NOT NULL UNIQUE, name text NOT NULL, email text, phone text,
    organization text NOT NULL, password_hash text NOT NULL, totp_secret text, last_step bigint NOT NULL DEFAULT 0)`);
  for (const person of people(Number(process.env.PEER_PEOPLE), Number(process.env.PEER_BCRYPT_COST))) {
    const row = [person.username, person.name, person.email, person.phone, person.organization, person.passwordHash, person.totpSecret];
    await pool.query(
      'INSERT INTO users (username, name, email, phone, organization, password_hash, totp_secret) VALUES ($1, $2, $3, $4, $5, $6, $7)',
      row,
    );
  }
  // Makes its table at the first write.
  const store = new PgStore({ pool, createTableIfMissing: true, pruneSessionInterval: false });
  await new Promise((resolve, reject) => store.set('first', { cookie: {} }, (error) => (error ? reject(error) : resolve())));
  await pool.end();
}

function serve() {
  passport.use(
    new Strategy(async (username, password, done) => {
      try {
        const { rows } = await pool.query('SELECT * FROM users WHERE username = $1', [username]);
        const isRight = rows[0] && (await bcrypt.compare(password, rows[0].password_hash));
        done(null, isRight ? rows[0] : false);
      } catch (error) {
        done(error);
      }
    }),
  );
  passport.serializeUser((user, done) => done(null, user.id));
  passport.deserializeUser((id, done) => {
    pool.query('SELECT * FROM users WHERE id = $1', [id]).then(({ rows }) => done(null, rows[0] ?? false), done);
  });

  const app = express();
  environment.express(app);
  app.set('views', viewsDirectory);
  app.use(
    session({
      store: new PgStore({ pool, disableTouch: true }),
      secret: 'a secret of this peer alone',
      resave: false,
      saveUninitialized: false,
      cookie: { maxAge: 86_400_000, httpOnly: true, sameSite: 'lax' },
    }),
  );
  app.use(passport.session());
  app.use(express.urlencoded({ extended: false }));

  const isIn = ({ user, session: { isCodeRight } }) => user && (!user.totp_secret || isCodeRight);
  const show = (view) => (request, response) => {
    if (!isIn(request)) return response.redirect('/login');
    response.render(...view(request.user, newToken()));
  };
  app.get('/', show(views.home));
  app.get('/profile/details', show(views.details));
  app.get('/login', (_, response) => response.render(...views.login(newToken())));
  app.post('/login', passport.authenticate('local', { failureRedirect: '/login?failed' }), ({ user }, response) => {
    response.redirect(user.totp_secret ? '/two-factor/challenge' : '/');
  });
  app.get('/two-factor/challenge', ({ user }, response) => {
    if (!user) return response.redirect('/login');
    response.render(...views.challenge(user, newToken()));
  });
  app.post('/two-factor/challenge', async ({ user, body, session: current }, response) => {
    if (!user || !(await isCodeOf(user, body.code))) return response.status(401).send('wrong code');
    current.isCodeRight = true;
    response.redirect('/');
  });
  app.listen(Number(process.env.PORT), '127.0.0.1');
}

async function isCodeOf(user, code) {
  const secret = Secret.fromBase32(user.totp_secret);
  const delta = TOTP.validate({ token: code, secret, algorithm: 'SHA1', digits: 6, period: 30, window: 1 });
  if (delta === null) return false;
  const step = Math.floor(Date.now() / 30_000) + delta;
  const { rowCount } = await pool.query('UPDATE users SET last_step = $1 WHERE id = $2 AND last_step < $1', [step, user.id]);
  return rowCount === 1;
}
