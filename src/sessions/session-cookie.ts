/** The session cookie: `__Host-gatehouse` under https, `gatehouse` under http. */
import { Inject, Injectable } from '@nestjs/common';
import type { CookieOptions, Request, Response } from 'express';
import { Redirect } from '../platform/answer.js';
import { Attachment } from '../platform/attachment.js';
import { Clock } from '../platform/clock.js';
import { cookieValue } from '../platform/cookies.js';
import { Settings } from '../platform/settings.js';
import { isSessionToken } from './session-token.js';
import type { Rotation } from './visit.js';

@Injectable()
export class SessionCookie {
  private readonly name: string;
  private readonly options: CookieOptions;
  /** Answers that hand over a new value: their post was no twin, it was the one that rotated the cookie. */
  private readonly handedOver = new Attachment<true>();

  constructor(
    @Inject(Settings) settings: Settings,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    this.name = settings.isHttps ? '__Host-gatehouse' : 'gatehouse';
    this.options = { httpOnly: true, sameSite: 'lax', path: '/', secure: settings.isHttps };
  }

  /** A cookie that is malformed, or stands there twice, is no cookie. */
  read(request: Request): string | undefined {
    const value = cookieValue(request, this.name);
    return isSessionToken(value) ? value : undefined;
  }

  /** Hands the cookie's new value over and leads to the page that the post was for. */
  follow(response: Response, { token, expiresAt, to }: Rotation): Redirect {
    this.write(response, token, expiresAt);
    this.handedOver.set(response, true);
    return new Redirect(to);
  }

  hasHandedOver(response: Response): boolean {
    return this.handedOver.get(response) === true;
  }

  clear(response: Response): void {
    response.clearCookie(this.name, this.options);
  }

  /** Lives to the session's absolute end. */
  private write(response: Response, token: string, expiresAt: Date): void {
    response.cookie(this.name, token, { ...this.options, maxAge: expiresAt.getTime() - this.clock.now().getTime() });
  }
}
