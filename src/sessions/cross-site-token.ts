/** The token in every form against posts from other sites (OWASP ASVS 5.0, 3.5.1): an HMAC over the session, or a visitor's signed cookie. */
import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { hours } from '../platform/clock.js';
import { cookieValue } from '../platform/cookies.js';
import { Keyring } from '../platform/keyring.js';
import { randomToken } from '../platform/randomness.js';
import { Settings } from '../platform/settings.js';
import type { Visit } from './visit.js';

const tokenPurpose = 'cross-site-token';
const cookiePurpose = 'visitor-cookie';
/** As long as browsers keep one: it is also what a member's device is known by. */
const maxAge = hours(24 * 400);

@Injectable()
export class CrossSiteToken {
  private readonly cookieName: string;

  constructor(
    @Inject(Keyring) private readonly keyring: Keyring,
    @Inject(Settings) private readonly settings: Settings,
  ) {
    this.cookieName = settings.isHttps ? '__Host-visitor' : 'visitor';
  }

  /**
   * The visitor's id from the signed cookie; who brings none is given one, and no row is written. One that another key of the
   * ring signed is signed anew, so that the browser is still known when that key is gone.
   */
  visitorOf(request: Request, response: Response): string {
    const [id = '', signature = ''] = (cookieValue(request, this.cookieName) ?? '').split('.');
    if (id !== '' && this.keyring.verifyCurrent(cookiePurpose, id, signature)) return id;
    const isKnown = id !== '' && this.keyring.verify(cookiePurpose, id, signature);
    const visitorId = isKnown ? id : randomToken(256);
    this.give(response, `${visitorId}.${this.keyring.mac(cookiePurpose, visitorId)}`);
    return visitorId;
  }

  /**
   * Another one for every page, so that a form sent twice is known from two forms (see the twin post); all of them hold
   * for a session's whole life, so that a second tab still posts after the cookie's value changed.
   */
  tokenFor(visit: Visit): string {
    const nonce = randomToken(128);
    return `${nonce}.${this.keyring.mac(tokenPurpose, `${nonce} ${subjectOf(visit)}`)}`;
  }

  isTokenOf(visit: Visit, given: unknown): boolean {
    if (typeof given !== 'string') return false;
    const [nonce = '', mac = ''] = given.split('.');
    return this.keyring.verify(tokenPurpose, `${nonce} ${subjectOf(visit)}`, mac);
  }

  private give(response: Response, value: string): void {
    response.cookie(this.cookieName, value, { httpOnly: true, sameSite: 'lax', path: '/', secure: this.settings.isHttps, maxAge });
  }
}

function subjectOf({ session, visitorId }: Visit): string {
  return session ? `session ${session.id}` : `visitor ${visitorId}`;
}
