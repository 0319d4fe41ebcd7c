/** Whether a host is this machine alone: what passes there leaves it not. */

/** @param host a name or address, as in a URL or bare: `[::1]` and `::1` are the same */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1|\[::1\])$/i.test(host);
}
