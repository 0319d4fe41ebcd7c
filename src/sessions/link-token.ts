/** The token that a link carried, from the address or from the cookie that it was moved to, and the page that it leads to. */
import { UnprocessableEntityException } from '@nestjs/common';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { type Answer, Redirect } from '../platform/answer.js';
import type { FormRefusal } from '../platform/forms.js';
import { isLinkToken, type LinkCookie, type LinkPurpose } from './link-cookie.js';
import { hashOfToken } from './session-token.js';

/** A link that a member is sent, as it is stored: it holds while the address that it went to is theirs. */
export type MailedLink = {
  readonly userId: string;
  readonly tokenHash: string;
  readonly sentTo: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
};

/** The link that a page shows: whose it is, and what its form says of it. */
export type ShownLink = { readonly username: string; readonly mark: string };

export type LinkPage<Found> = {
  readonly purpose: LinkPurpose;
  readonly path: string;
  /** milliseconds */
  readonly lifetime: number;
  /** What the link opens, while it is open. */
  readonly find: (token: string) => Promise<Found | undefined>;
  readonly show: (token: string, found: Found, refusal?: FormRefusal) => Answer;
  readonly showDead: () => Answer;
};

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

/** The link's page, from the second look on: the first one moves the token out of the address. Nothing is used up by either. */
export async function openLink<Found>(
  { purpose, path, lifetime, find, show, showDead }: LinkPage<Found>,
  cookie: LinkCookie,
  { request, response }: { readonly request: Request; readonly response: Response },
): Promise<Answer> {
  const token = linkTokenOf(request, cookie, purpose);
  const found = token === undefined ? undefined : await find(token);
  if (token === undefined || found === undefined) return showDead();
  if (request.query['token'] === undefined) return show(token, found);
  cookie.keep(response, { purpose, token, maxAge: lifetime });
  return new Redirect(path);
}

/** The link's page once more, where what was posted on it is refused. */
export async function showLinkAgain<Found>(
  { find, show, showDead }: LinkPage<Found>,
  token: string,
  refusal: FormRefusal,
): Promise<Answer> {
  const found = await find(token);
  return found === undefined ? showDead() : show(token, found, refusal);
}

export function shownLink(token: string, username: string): ShownLink {
  return { username, mark: markOf(token) };
}

const ofForm = z.looseObject({ link: z.unknown().optional() }).catch({});

/**
 * One link a browser: when another one was opened since the page was shown, what was sent for the first must not be done with
 * the second.
 * @param body what was posted; one that says nothing of its link is taken for the one that is open
 */
export function isForAnotherLink(token: string, body: unknown): boolean {
  const { link } = ofForm.parse(body ?? {});
  return link !== undefined && link !== markOf(token);
}

export const anotherLink: FormRefusal = {
  status: 422,
  errors: [{ field: '', message: 'Another link was opened in this browser since. Nothing was done. This page is for that link now.' }],
};

function markOf(token: string): string {
  return hashOfToken(token).slice(0, 22);
}
