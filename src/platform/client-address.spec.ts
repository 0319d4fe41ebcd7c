import fc from 'fast-check';
import type { Request } from 'express';
import { addressOf, countedAddress } from './client-address.js';

describe('the address that limits count', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['0:0:0:0:0:FFFF:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002:ffff::1', '2001:db8:1:2::/64'],
    ['2001::2:3:4:5:6', '2001:0:0:2::/64'],
    ['2001:db8:1:2:0:ffff:c000:207', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['192.0.2.7:4711', '192.0.2.7'],
    ['203.0.113.200:4711', '203.0.113.200'],
    ['[2001:db8:1:2::7]:4711', '2001:db8:1:2::/64'],
    ['not an address', 'unknown'],
    ['1[::7]', 'unknown'],
    ['[2001:db8:1:2::7]7', 'unknown'],
    [undefined, 'unknown'],
  ])('of %s is %s', (address, counted) => {
    expect(countedAddress(address)).toBe(counted);
  });

  it.each([
    ['what the proxies say', '203.0.113.9', '203.0.113.9'],
    ['what they say of the sixth version', '2001:db8:1:2::7', '2001:db8:1:2::/64'],
    ['the connection, where what they say cannot be read', 'unknown', '192.0.2.7'],
    ['the connection, where they say nothing', undefined, '192.0.2.7'],
  ])('of a request is %s', (_, ip, counted) => {
    expect(addressOf({ ip, socket: { remoteAddress: '192.0.2.7' } } as Request)).toBe(counted);
  });
});

describe('any address', () => {
  const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
  const hex = (group: number, isLong: boolean, isLarge: boolean) => {
    const text = group.toString(16).padStart(isLong ? 4 : 1, '0');
    return isLarge ? text.toUpperCase() : text;
  };

  it('of one /64 is one, in whatever spelling, with a port, with brackets, with an interface', () => {
    const spelling = fc.record({
      isLong: fc.boolean(),
      isLarge: fc.boolean(),
      host: groups,
      around: fc.constantFrom('', '[]', '[]:443', '%eth0'),
    });
    const network = groups.filter((all) => all.slice(0, 4).some((group) => group !== 0));
    fc.assert(
      fc.property(network, spelling, spelling, (first, ...spellings) => {
        const [one, other] = spellings.map(({ isLong, isLarge, host, around }) => {
          const written = [...first.slice(0, 4), ...host.slice(4)].map((group) => hex(group, isLong, isLarge)).join(':');
          return around.startsWith('[') ? around.replace('[]', `[${written}]`) : written + around;
        });
        expect(countedAddress(one)).toBe(countedAddress(other));
        expect(countedAddress(one)).toBe(
          `${first
            .slice(0, 4)
            .map((group) => group.toString(16))
            .join(':')}::/64`,
        );
      }),
    );
  });

  it('of the fourth version is itself, also when it is written as one of the sixth', () => {
    const parts = fc.array(fc.nat({ max: 255 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(parts, fc.constantFrom('::ffff:', '::FFFF:', '0:0:0:0:0:ffff:'), (bytes, before) => {
        const plain = bytes.join('.');
        expect(countedAddress(plain)).toBe(plain);
        expect(countedAddress(before + plain)).toBe(plain);
        expect(countedAddress(before + [0, 2].map((at) => ((bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)).toString(16)).join(':'))).toBe(
          plain,
        );
      }),
    );
  });

  it('that cannot be read is one address, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => expect(countedAddress(text)).toMatch(/^(unknown|[\d.]+|[\da-f:]+\/64)$/)),
    );
  });
});
