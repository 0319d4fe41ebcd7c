/** Links that went out by mail, as their receiver finds them. */
import { PasswordForgotten } from '../../src/auth/password-forgotten.service.js';
import type { Door } from './door.js';
import { mailsTo } from './sent.js';

/** The links in the mails to an address, the newest first: path and query. */
export async function linksTo(door: Door, address: string): Promise<readonly string[]> {
  await door.app.get(PasswordForgotten).settled();
  const found = (await mailsTo(door, address)).flatMap(({ text }) => /https?:\/\/\S+\?token=[\w-]+/.exec(text) ?? []);
  return found.map((link) => new URL(link)).map(({ pathname, search }) => pathname + search);
}
