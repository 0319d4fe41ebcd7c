/** A member's browser, as much of one as a measurement needs: cookies, and the forms of pages. */
import { tokenIn } from './flows.mjs';

export class Member {
  cookies = new Map();

  /** @param headers sent with every request */
  constructor(base, headers = {}) {
    this.base = base;
    this.headers = headers;
  }

  static async signIn(base, username, password) {
    const member = new Member(base);
    const answer = await member.submit('/login', '/login', { username, password });
    if (answer.status !== 303) throw new Error(`${username} could not sign in: ${answer.status}`);
    return member;
  }

  /** The whole page, read to its end. */
  async get(path) {
    const answer = await this.send('GET', path);
    const body = await answer.text();
    if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status}`);
    return body;
  }

  /** Posts to `action` with the token of the page `path`. */
  async submit(path, action, fields) {
    const page = await this.get(path);
    return this.send('POST', action, new URLSearchParams({ _csrf: tokenIn(page), ...fields }));
  }

  async send(method, path, body) {
    const cookie = [...this.cookies].map((pair) => pair.join('=')).join('; ');
    const headers = { ...this.headers, cookie, ...(method === 'POST' && { origin: this.base }) };
    const answer = await fetch(new URL(path, this.base), { method, redirect: 'manual', headers, body });
    for (const line of answer.headers.getSetCookie()) {
      const [name, value] = line.split(';')[0].split(/=(.*)/s);
      this.cookies.set(name, value);
    }
    return answer;
  }
}
