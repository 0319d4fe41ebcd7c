/** How a browser signs in, at Gatehouse and at the peers: the form's page, the form, and where a code is asked for, that page and its form. */
import { TOTP, Secret } from 'otpauth';
import { requestOf } from './http-client.mjs';
import { password } from '../peers/people.mjs';

const browser = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  accept: 'text/html,application/xhtml+xml',
};
const periodMillis = 30_000;
const challenge = '/two-factor/challenge';

/** Cookies of one sign-in; what a member's browser had before comes along. */
class Visit {
  constructor(connection, cookies) {
    this.connection = connection;
    this.cookies = new Map(Object.entries(cookies));
  }

  async get(path) {
    const { body } = await this.#send({ path }, 200);
    return body.toString();
  }

  /** @param fields a form @param to where it has to lead: a refused one leads elsewhere with the same status */
  async post(path, fields, { status, to }) {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const { head } = await this.#send({ method: 'POST', path, headers, body: new URLSearchParams(fields).toString() }, status);
    const location = /\r\nlocation: *([^\r]*)/i.exec(head)?.[1];
    if (location !== to) throw new Error(`POST ${path} led to ${location} instead of ${to}`);
  }

  async postJson(path, fields) {
    const headers = { 'content-type': 'application/json' };
    const { body } = await this.#send({ method: 'POST', path, headers, body: JSON.stringify(fields) }, 200);
    return JSON.parse(body.toString());
  }

  cookie() {
    return [...this.cookies].map((pair) => pair.join('=')).join('; ');
  }

  async #send({ headers = {}, ...request }, status) {
    const { port } = this.connection;
    const cookie = this.cookies.size > 0 && { cookie: this.cookie() };
    const origin = request.method === 'POST' && { origin: `http://localhost:${port}` };
    const answer = await this.connection.send(requestOf({ port, headers: { ...browser, ...cookie, ...origin, ...headers }, ...request }));
    if (answer.status !== status)
      throw new Error(`${request.method ?? 'GET'} ${request.path}: ${answer.status} instead of ${status}\n${textOf(answer)}`);
    for (const [, name, value] of answer.head.matchAll(/\r\nset-cookie: *([^=]+)=([^;\r]*)/gi)) {
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }
}

/** Each takes a member and whether a code is given too. @returns the cookies of the session */
export const flows = {
  async gatehouse(connection, member, withCode) {
    const visit = new Visit(connection, member.cookies);
    const _csrf = tokenIn(await visit.get('/login'));
    await visit.post('/login', { _csrf, username: member.username, password }, { status: 303, to: withCode ? challenge : '/' });
    if (withCode) {
      const token = tokenIn(await visit.get(challenge));
      await visit.post(challenge, { _csrf: token, code: nextCode(member) }, { status: 303, to: '/' });
    }
    return visit.cookie();
  },

  async passport(connection, member, withCode) {
    const visit = new Visit(connection, {});
    await visit.get('/login');
    await visit.post('/login', { username: member.username, password }, { status: 302, to: withCode ? challenge : '/' });
    if (withCode) {
      await visit.get(challenge);
      await visit.post(challenge, { code: nextCode(member) }, { status: 302, to: '/' });
    }
    return visit.cookie();
  },

  /** Its answer to the password is for a script: there is no second page to get. */
  async 'better-auth'(connection, member, withCode) {
    const visit = new Visit(connection, {});
    await visit.get('/login');
    const answer = await visit.postJson('/api/auth/sign-in/email', { email: `${member.username}@acme.test`, password });
    if (Boolean(answer.twoFactorRedirect) !== withCode)
      throw new Error(`${member.username} is asked for more or less than the measurement`);
    if (withCode) await visit.postJson('/api/auth/two-factor/verify-totp', { code: nextCode(member) });
    return visit.cookie();
  },
};

/** @returns the token of a form's page */
export function tokenIn(page) {
  return /name="_csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
}

/** Each step's code is taken once, from the step before this one to the one after it. */
function nextCode(member) {
  const now = Math.floor(Date.now() / periodMillis);
  const step = Math.max(now, (member.lastStep ?? 0) + 1);
  if (step > now + 1) throw new Error('too few members: all codes of this half minute are used up');
  member.lastStep = step;
  const secret = Secret.fromBase32(member.totpSecret);
  return TOTP.generate({ secret, algorithm: 'SHA1', digits: 6, period: 30, timestamp: step * periodMillis });
}

function textOf({ body }) {
  const alert = /role="alert"[^]*?<\/div>/.exec(body.toString())?.[0] ?? body.toString().slice(0, 500);
  return alert.replace(/<[^>]+>|\s+/g, ' ').trim();
}
