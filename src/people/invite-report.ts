/**
 * Who was not invited, carried from the post to the page that says so: encrypted, because an address of a page stands in
 * histories and logs (OWASP ASVS 5.0, 14.2.1), and for the session that asked alone.
 */
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Encryption } from '../platform/encryption.js';
import type { MemberVisit } from '../sessions/visit.js';
import { type Skipped, skipReasons } from './domain/skipped.js';

export type Report = {
  readonly skipped: readonly Skipped[];
  /** How many more there is no room to name. */
  readonly more: number;
};

const report = z.object({ skipped: z.array(z.object({ email: z.string(), why: z.enum(skipReasons) })), more: z.number() });
const boundTo = ({ session }: MemberVisit) => `report:invitations:${session.id}`;
/** In characters, so that the address of the page stays below the 8 KB that proxies take. */
const room = 3_000;
const perAddress = 30;

@Injectable()
export class InviteReport {
  constructor(@Inject(Encryption) private readonly encryption: Encryption) {}

  write(visit: MemberVisit, skipped: readonly Skipped[]): string {
    const named = skipped.slice(0, fitting(skipped));
    return this.encryption.encrypt(JSON.stringify({ skipped: named, more: skipped.length - named.length }), boundTo(visit));
  }

  /** @returns undefined for what is no report of this session: a copied address says nothing */
  read(visit: MemberVisit, written: unknown): Report | undefined {
    if (typeof written !== 'string') return undefined;
    try {
      return report.parse(JSON.parse(this.encryption.decrypt(written, boundTo(visit))));
    } catch {
      return undefined;
    }
  }
}

/** How many of them there is room to name. */
function fitting(skipped: readonly Skipped[]): number {
  let used = 0;
  const tooMany = skipped.findIndex(({ email }) => {
    used += email.length + perAddress;
    return used > room;
  });
  return tooMany === -1 ? skipped.length : tooMany;
}
