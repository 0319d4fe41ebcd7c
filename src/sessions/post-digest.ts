/**
 * What makes two posts equal: the page and every field, hashed under a key so that nothing of them can be read back.
 * Empty for anything but a post.
 */
import type { Request } from 'express';
import type { Keyring } from '../platform/keyring.js';

export function digestOfPost(request: Request, keyring: Keyring): string {
  if (request.method !== 'POST') return '';
  return keyring.mac('post-digest', JSON.stringify([request.originalUrl, request.body ?? {}]));
}
