/**
 * What makes two posts twins: the cookie that they came with, the address, and the token of the form, which is another
 * one on every page that is shown. What was typed does not count: a digest of it would let somebody who holds an old
 * cookie try passwords and codes against it.
 */
import type { Request } from 'express';
import { z } from 'zod';
import type { Keyring } from '../platform/keyring.js';

const form = z.looseObject({ _csrf: z.string().min(1) });

/** @returns undefined for anything but a post of a form */
export function digestOfPost(request: Request, token: string, keyring: Keyring): string | undefined {
  if (request.method !== 'POST') return undefined;
  const body = form.safeParse(request.body);
  return body.success ? keyring.mac('post-digest', JSON.stringify([token, request.originalUrl, body.data._csrf])) : undefined;
}
