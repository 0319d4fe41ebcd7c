/**
 * What makes two posts equal: the cookie that they came with, the page and every field. The cookie's value stands in no
 * table, so nobody who reads the digest can try passwords or codes against it.
 */
import type { Request } from 'express';
import type { Keyring } from '../platform/keyring.js';

/** @returns an empty text for anything but a post */
export function digestOfPost(request: Request, token: string, keyring: Keyring): string {
  if (request.method !== 'POST') return '';
  return keyring.mac('post-digest', JSON.stringify([token, request.originalUrl, request.body ?? {}]));
}
