/**
 * The token of a link from a mail, moved out of the address into a cookie as soon as the link is opened: an address stands in
 * histories and logs (OWASP ASVS 5.0, 14.2.1). One link a browser; it is good for nothing but its own purpose.
 */
import { Inject, Injectable } from '@nestjs/common';
import type { CookieOptions, Request, Response } from 'express';
import { cookieValue } from '../platform/cookies.js';
import { Settings } from '../platform/settings.js';

export type LinkPurpose = 'reset' | 'invitation' | 'withdrawal' | 'sign-in';

@Injectable()
export class LinkCookie {
  private readonly name: string;
  private readonly options: CookieOptions;

  constructor(@Inject(Settings) settings: Settings) {
    this.name = settings.isHttps ? '__Host-link' : 'link';
    this.options = { httpOnly: true, sameSite: 'lax', path: '/', secure: settings.isHttps };
  }

  /** @param maxAge milliseconds; what the link opens is judged by the server alone */
  keep(response: Response, { purpose, token, maxAge }: { purpose: LinkPurpose; token: string; maxAge: number }): void {
    response.cookie(this.name, `${purpose}.${token}`, { ...this.options, maxAge });
  }

  read(request: Request, purpose: LinkPurpose): string | undefined {
    const [keptFor, token] = (cookieValue(request, this.name) ?? '').split('.');
    return keptFor === purpose && isLinkToken(token) ? token : undefined;
  }

  clear(response: Response): void {
    response.clearCookie(this.name, this.options);
  }
}

/** 256 bits in base64url, as all links of ours carry them. */
export function isLinkToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{43}$/.test(value);
}
