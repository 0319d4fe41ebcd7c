/** Posts come from this site's own forms: by Sec-Fetch-Site, by Origin, and by the token in the form. */
import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';
import { Log } from '../platform/log.js';
import { Refusal, type RefusalPage } from '../platform/refusal.js';
import { Settings } from '../platform/settings.js';
import { CrossSiteToken } from './cross-site-token.js';
import { declaredPath } from './declared-path.js';
import type { Visit } from './visit.js';

const ownFetchSites: readonly (string | undefined)[] = [undefined, 'same-origin', 'none'];
const formBody = z.looseObject({ _csrf: z.unknown() });

type Reason = { readonly by: 'origin' | 'token' | 'type'; readonly page: RefusalPage };

/** A request that changes nothing and sends nothing. */
export function isRead({ method }: Request): boolean {
  return method === 'GET' || method === 'HEAD';
}

@Injectable()
export class CrossSiteCheck {
  constructor(
    @Inject(CrossSiteToken) private readonly token: CrossSiteToken,
    @Inject(Settings) private readonly settings: Settings,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** @throws Refusal 403, or 415 when the body is no form */
  check(request: Request, visit: Visit): void {
    if (isRead(request)) return;
    if (!request.is('application/x-www-form-urlencoded')) return this.refuse(request, visit, { by: 'type', page: notAForm });
    if (!this.comesFromHere(request)) return this.refuse(request, visit, { by: 'origin', page: this.wrongAddress() });
    const body = formBody.safeParse(request.body);
    if (!body.success || !this.token.isTokenOf(visit, body.data._csrf)) this.refuse(request, visit, { by: 'token', page: staleForm });
  }

  private comesFromHere(request: Request): boolean {
    const origin = request.headers.origin;
    if (origin !== undefined && origin !== this.settings.config.PUBLIC_URL) return false;
    return ownFetchSites.includes(request.get('sec-fetch-site'));
  }

  private refuse(request: Request, { member, address }: Visit, { by, page }: Reason): never {
    this.log.security('cross-site post refused', { user: member?.userId, address, by, path: declaredPath(request) });
    throw new Refusal(page);
  }

  private wrongAddress(): RefusalPage {
    const address = this.settings.config.PUBLIC_URL;
    return {
      status: 403,
      title: 'This form came from another address',
      message: `Nothing was done. Forms are taken only from ${address}.`,
      hint: 'Open that address and try again there.',
      link: { href: address, text: `Go to ${address}` },
    };
  }
}

const staleForm = {
  status: 403,
  title: 'This form is out of date',
  message: 'Nothing was done. You may have signed in or out in another tab since the page was opened, or cookies are switched off.',
  hint: 'Open the page again and send the form once more.',
  link: { href: '/', text: 'Go on' },
};

const notAForm = { status: 415, title: 'This cannot be read', message: 'Only forms can be sent here.' };
