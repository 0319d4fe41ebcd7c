/** Whether the way to the database is encrypted, to a server whose certificate was checked: its address says so. */
import { isLoopback } from './loopback.js';

/**
 * pg takes these modes for verify-full, and prints a page to say that a later version will check less. Here they keep
 * their meaning and cost no page.
 */
export function withVerifiedTls(url: string): string {
  return /[?&]uselibpqcompat=/.test(url) ? url : url.replace(/([?&]sslmode=)(prefer|require|verify-ca)(?=[&#]|$)/, '$1verify-full');
}

/** Whether nobody on the way can read or change what passes (OWASP ASVS 5.0, 12.3.1, 12.3.2): on this machine, too. */
export function isDatabaseSafe(url: string): boolean {
  const { hostname, searchParams } = new URL(withVerifiedTls(url));
  const host = searchParams.get('host') ?? hostname;
  return host === '' || host.startsWith('/') || isLoopback(host) || searchParams.get('sslmode') === 'verify-full';
}
