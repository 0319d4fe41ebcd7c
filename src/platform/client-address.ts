/** The client's address as limits count it: IPv4 as it is, also when written as IPv6; IPv6 by its /64. */
import type { Server } from 'node:http';
import { isIPv4, isIPv6, type Socket } from 'node:net';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

/** Handler parameter: where the request comes from, behind as many proxies as TRUST_PROXY says. */
export const ClientAddress = createParamDecorator((_: unknown, context: ExecutionContext) =>
  addressOf(context.switchToHttp().getRequest<Request>()),
);

/**
 * A connection that its client resets has no address any more, and what came by it is still acted upon. So the address is asked
 * for when the connection opens: Node keeps it. One that is gone by then is answered nothing.
 */
export function keepAddresses(server: Server): void {
  server.prependListener('connection', (socket: Socket) => {
    if (socket.remoteAddress === undefined) socket.destroy();
  });
}

export function addressOf({ ip, socket }: Request): string {
  return countedAddress(isReadable(ip) ? ip : socket.remoteAddress);
}

/** @param address what Express made of the connection and the trusted proxies; anything unreadable counts as one address */
export function countedAddress(address: string | undefined): string {
  const plain = bare(address);
  if (isIPv4(plain)) return plain;
  if (!isIPv6(plain)) return 'unknown';
  const groups = expand(plain);
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) return ipv4Of(groups);
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** A forwarded address that cannot be read must not hide the one that the connection has. */
function isReadable(address: string | undefined): boolean {
  return isIPv4(bare(address)) || isIPv6(bare(address));
}

/** Some proxies forward the port, and a link-local address names its interface. */
function bare(address = ''): string {
  return address
    .replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1')
    .replace(/^\[(.+)\](?::\d+)?$/, '$1')
    .replace(/%.*$/, '');
}

/** The eight groups of an IPv6 address, by the URL standard's own reader. */
function expand(address: string): number[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const read = (part: string) =>
    part
      .split(':')
      .filter(Boolean)
      .map((group) => parseInt(group, 16));
  if (tail === undefined) return read(head);
  const [start, end] = [read(head), read(tail)];
  return [...start, ...new Array<number>(8 - start.length - end.length).fill(0), ...end];
}

function ipv4Of(groups: readonly number[]): string {
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join('.');
}
