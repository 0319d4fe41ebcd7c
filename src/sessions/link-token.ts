/** The token that a link carried, from the address or from the cookie that it was moved to. */
import { UnprocessableEntityException } from '@nestjs/common';
import type { Request } from 'express';
import { isLinkToken, type LinkCookie, type LinkPurpose } from './link-cookie.js';

/** Rolls a transaction back: the link was used meanwhile, or what it opens is gone. */
export class DeadLinkError extends Error {
  readonly code = 'DEAD_LINK';
}

/**
 * @returns undefined when there is none, or none that could be ours
 * @throws UnprocessableEntityException when the address carries several
 */
export function linkTokenOf(request: Request, cookie: LinkCookie, purpose: LinkPurpose): string | undefined {
  const { token } = request.query;
  if (token === undefined) return cookie.read(request, purpose);
  if (typeof token !== 'string') throw new UnprocessableEntityException();
  return isLinkToken(token) ? token : undefined;
}
