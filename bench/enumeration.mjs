/**
 * Whether time tells who has an account: sign-in, forgotten password and links, each case asked turn by turn with the others in
 * a shuffled order, and compared by a rank test. Two halves of one case are compared too: what chance alone says.
 */
import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import bcrypt from 'bcrypt';
import { SMTPServer } from 'smtp-server';
import { onEachDatabase } from './lib/databases.mjs';
import { tokenIn } from './lib/flows.mjs';
import { benchKey, gatehouse, withDatabase, withServer } from './lib/gatehouse.mjs';
import { Member } from './lib/member.mjs';
import { password } from './lib/population.mjs';
import { median } from './lib/rounds.mjs';
import { compareRanks } from './lib/ranks.mjs';

/** How often each case is asked: a few times before it counts, and then. */
const turnsOf = ({ isSmoke }) => (isSmoke ? { before: 1, counted: 5 } : { before: 10, counted: 240 });
const wrong = 'not the password at all';
/** Below that, chance is no explanation. */
const significance = 0.001;
const usernames = { existing: 'emil', deactivated: 'dora', 'imported bcrypt': 'ilse', unknown: 'nobody' };

export async function* measure(settings) {
  const turns = turnsOf(settings);
  yield* onEachDatabase(settings, async function* measureOn({ fresh }) {
    const environment = await fresh();
    await gatehouse(environment, ['import', '-'], await lines(turns));
    const links = await withDatabase(environment, seed);
    // So many from one address would be told to wait, and behind a proxy each may have its own.
    const mail = await openMailServer();
    const around = { TRUST_PROXY: '1', SMTP_URL: mail.url, MAIL_FROM: 'gatehouse@acme.test' };
    yield* withServer({ ...environment, ...around }, async function* measureServer({ base }) {
      yield* told('Sign-in refused', await ask(signIns(base), turns));
      yield* told('Password forgotten', await ask(forgotten(base), turns));
      yield* told('Sign-in to a closed username', await ask(closedSignIns(base), turns));
      yield* told('Link to a password', await ask(openings(base, '/password/reset', links.reset), turns));
      yield* told('Link to join', await ask(openings(base, '/invitation', links.invitation), turns));
    });
    mail.close();
  });
}

/** Every case in turn, in another order each time. @returns the milliseconds of each, by its name */
async function ask(cases, { before, counted }) {
  const times = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  for (let turn = -before; turn < counted; turn += 1) {
    for (const name of shuffled(Object.keys(cases))) {
      const request = await cases[name]();
      const start = performance.now();
      await request();
      if (turn >= 0) times[name].push(performance.now() - start);
    }
  }
  return times;
}

function* told(what, times) {
  const [[first, ofFirst], ...others] = Object.entries(times);
  const halves = [0, 1].map((half) => ofFirst.filter((_, index) => index % 2 === half));
  yield rowOf(`${what}: ${first} against itself`, ...halves);
  for (const [name, figures] of others) yield rowOf(`${what}: ${name} against ${first}`, figures, ofFirst);
}

function rowOf(what, measured, against) {
  const { z, p } = compareRanks(measured, against);
  const parts = Array.from({ length: 5 }, (_, part) =>
    [measured, against].map((figures) => median(figures.filter((_, index) => index % 5 === part))),
  );
  const ratios = parts.map(([one, two]) => one / two);
  const verdict = p < significance ? 'told apart' : 'not told apart';
  return {
    ...{ what, unit: 'ms', figure: median(measured), against: median(against) },
    ...{ ratio: median(measured) / median(against), spread: [Math.min(...ratios), Math.max(...ratios)] },
    ...{ z, p, samples: measured.length, verdict, goal: `${verdict} (z ${z.toFixed(1)}, p ${p < 0.0001 ? '< 0.0001' : p.toFixed(4)})` },
  };
}

/** Each from an address and a browser of its own; the form is opened before the clock starts. */
async function formOf(base, path) {
  const visitor = new Member(base, { 'x-forwarded-for': `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}` });
  const page = await visitor.get(path);
  return { visitor, token: tokenIn(page) };
}

/** A name is asked for so seldom that its own counter stays free: one member a turn. */
function signIns(base) {
  const cases = Object.entries(usernames).map(([name, username]) => {
    let turn = 0;
    const prepare = async () => {
      const { visitor, token } = await formOf(base, '/login');
      turn += 1;
      const fields = { _csrf: token, username: `${username}${turn}`, password: wrong };
      return () => expectStatus(visitor, ['POST', '/login', new URLSearchParams(fields)], 401);
    };
    return [name, prepare];
  });
  return Object.fromEntries(cases);
}

function forgotten(base) {
  const cases = ['existing', 'unknown', 'deactivated'].map((name) => {
    let turn = 0;
    const prepare = async () => {
      const { visitor, token } = await formOf(base, '/password/forgot');
      // Each answer by itself: what the one before left to be done behind it is over by then.
      await pause(50);
      turn += 1;
      const fields = new URLSearchParams({ _csrf: token, username: `${usernames[name]}${turn}` });
      return () => expectStatus(visitor, ['POST', '/password/forgot', fields], 303);
    };
    return [name, prepare];
  });
  return Object.fromEntries(cases);
}

/** After a hundred wrong passwords in a row nothing is compared: for a name that nobody has neither. */
function closedSignIns(base) {
  const cases = Object.entries({ existing: 'closed', unknown: 'nobody.closed' }).map(([name, username]) => {
    const prepare = async () => {
      const { visitor, token } = await formOf(base, '/login');
      const fields = new URLSearchParams({ _csrf: token, username, password: wrong });
      return () => expectStatus(visitor, ['POST', '/login', fields], 403);
    };
    return [name, prepare];
  });
  return Object.fromEntries(cases);
}

/** Of 256 random bits: that a live one is told apart, by its answer already, tells nobody anything who does not have it. */
function openings(base, path, live) {
  const open = (token, status) => async () => {
    const visitor = new Member(base);
    return () => expectStatus(visitor, ['GET', `${path}?token=${token()}`], status);
  };
  return { dead: open(() => randomBytes(32).toString('base64url'), 404), valid: open(() => live, 303) };
}

async function expectStatus(visitor, request, status) {
  const answer = await visitor.send(...request);
  await answer.arrayBuffer();
  if (answer.status !== status) throw new Error(`${request[0]} ${request[1]}: ${answer.status}`);
}

/** One member of each kind for every turn. */
async function lines({ before, counted }) {
  const imported = bcrypt.hashSync(password, 10);
  const many = Array.from({ length: before + counted + 1 }, (_, index) => index);
  const person = (username, passwordHash) => ({
    ...{ type: 'user', organization: 'acme', username, name: username, email: `${username}@acme.test`, role: 'AGENT', passwordHash },
  });
  const people = many.flatMap((index) => ['emil', 'dora', 'ilse'].map((name) => person(`${name}${index}`, imported)));
  people.push(person('closed', imported));
  const owner = { ...person('owner.acme', imported), role: 'OWNER' };
  const organization = { type: 'organization', slug: 'acme', name: 'Acme', twoFactorRequired: true, smsAllowed: false };
  return [organization, owner, ...people].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** What an import does not bring: hashes of our own scheme, people who are deactivated, and a link of each kind. */
async function seed(database) {
  const { hashPassword } = await import('../dist/users/password-hash.js');
  const { hash } = await hashPassword(password, 10);
  await database.$executeRaw`UPDATE users SET password_hash = ${hash}, password_scheme = 'HMAC_BCRYPT' WHERE username NOT LIKE 'ilse%'`;
  await database.$executeRaw`UPDATE users SET deactivated_at = now() WHERE username LIKE 'dora%'`;
  const owner = await database.user.findFirstOrThrow({ where: { username: 'owner.acme' } });
  const [reset, invitation] = [randomBytes(32), randomBytes(32)].map((bytes) => bytes.toString('base64url'));
  const hashOf = (token) => createHash('sha256').update(token).digest('base64url');
  const [now, later] = [new Date(), new Date(Date.now() + 86_400_000)];
  const link = { userId: owner.id, tokenHash: hashOf(reset), sentTo: owner.email, createdAt: now, expiresAt: later };
  await database.resetLink.create({ data: link });
  const asked = {
    organizationId: owner.organizationId,
    email: 'nina@new.test',
    role: 'AGENT',
    openFor: randomUUID(),
    tokenHash: hashOf(invitation),
  };
  await database.invitation.create({ data: { ...asked, invitedById: owner.id, invitedAt: now, sentAt: now, expiresAt: later } });
  const { Keyring } = await import('../dist/platform/keyring.js');
  const keyring = new Keyring([benchKey]);
  const rows = ['closed', 'nobody.closed'].map((name) => ({
    key: `row:${keyring.mac('password-tries', name)}`,
    failed: 100,
    since: now,
    waitingUntil: later,
  }));
  await database.passwordTries.createMany({ data: rows });
  return { reset, invitation };
}

/** Takes every mail and forgets it. */
async function openMailServer() {
  const onData = (stream, _, callback) => stream.resume().on('end', callback);
  const server = new SMTPServer({ logger: false, disabledCommands: ['STARTTLS', 'AUTH'], onData });
  server.on('error', () => undefined);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `smtp://127.0.0.1:${server.server.address().port}`, close: () => server.close() };
}

function shuffled(names) {
  const rest = [...names];
  return names.map(() => rest.splice(randomInt(rest.length), 1)[0]);
}
