/** The fields of a mail that become header lines and SMTP commands. */
import type { OutgoingMail } from '../mail.js';

export type Mailbox = { readonly name: string; readonly address: string };

/**
 * One address, and nothing that would end a line and begin another one (OWASP ASVS 5.0, 1.3.11) or name a second recipient
 * (CVE-2023-7028).
 */
export function isSafeToSend({ to, subject }: Pick<OutgoingMail, 'to' | 'subject'>): boolean {
  return /^[^\s\p{Cc}<>,;"@]+@[^\s\p{Cc}<>,;"@]+$/u.test(to) && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(subject);
}

/** Reads MAIL_FROM: `door@example.com`, or `Gatehouse <door@example.com>`, whose name may hold a comma. */
export function mailboxOf(from: string): Mailbox {
  const [, name, address] = /^([^<]*)<([^<>]+)>$/.exec(from) ?? [];
  return { name: (name ?? '').trim().replace(/^"(.*)"$/, '$1'), address: address ?? from };
}
