import fc from 'fast-check';
import { HOTP, Secret, TOTP } from 'otpauth';
import { appEntry, groupedKey, isSecret, keyUri, matchedStep, newSecret, readSecret } from './totp.js';

/** The ASCII secret of both RFCs' appendices. */
const rfcSecret = Secret.fromUTF8('12345678901234567890').base32;

describe('time-based one-time passwords', () => {
  // RFC 6238, appendix B: eight digits, SHA-1; six digits are its last six.
  it.each([
    [59, '94287082', 0x1],
    [1111111109, '07081804', 0x23523ec],
    [1111111111, '14050471', 0x23523ed],
    [1234567890, '89005924', 0x273ef07],
    [2000000000, '69279037', 0x3f940aa],
    [20000000000, '65353130', 0x27bc86aa],
  ])('agree with RFC 6238 at %i seconds', (seconds, eightDigits, step) => {
    expect(matchedStep(rfcSecret, eightDigits.slice(2), new Date(seconds * 1000))).toBe(step);
  });

  // RFC 4226, appendix D.
  it.each(['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'])(
    'agree with RFC 4226 on the value %s',
    (value) => {
      const counter = ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'].indexOf(value);
      expect(HOTP.generate({ secret: Secret.fromBase32(rfcSecret), counter, digits: 6 })).toBe(value);
      expect(matchedStep(rfcSecret, value, new Date(counter * 30_000))).toBe(counter);
    },
  );

  it('take the current step and one to each side, and no more', () => {
    const at = (step: number) => new Date(step * 30_000 + 15_000);
    expect(matchedStep(rfcSecret, '338314', at(4))).toBe(4);
    expect(matchedStep(rfcSecret, '338314', at(5))).toBe(4);
    expect(matchedStep(rfcSecret, '338314', at(3))).toBe(4);
    expect(matchedStep(rfcSecret, '338314', at(6))).toBeUndefined();
    expect(matchedStep(rfcSecret, '338314', at(2))).toBeUndefined();
  });

  it('have secrets of 160 bits, each another', () => {
    const secrets = new Set(Array.from({ length: 50 }, newSecret));
    expect(secrets.size).toBe(50);
    for (const secret of secrets) expect(Secret.fromBase32(secret).bytes.length * 8).toBe(160);
  });

  it('know imported secrets from 80 bits', () => {
    expect(isSecret('ABCDEFGHIJKLMNOP')).toBe(true);
    expect(isSecret('ABCDEFGHIJKLMNO')).toBe(false);
    for (const none of ['ABCDEFGHIJKLMNO1', '1ABCDEFGHIJKLMNOP', 'ABCDEFGHIJKLMNOP1']) expect(isSecret(none)).toBe(false);
    expect([isSecret('A'.repeat(128)), isSecret('A'.repeat(129))]).toEqual([true, false]);
    expect(readSecret(' abcd efgh\tijkl mnop== ')).toBe('ABCDEFGHIJKLMNOP');
    expect(readSecret('ABCD=EFGHIJKLMNOPQ')).toBeUndefined();
  });
});

describe('the entry in the app', () => {
  it('reads product, organization and username', () => {
    expect(appEntry('Gatehouse', 'Acme', 'olga')).toEqual({ issuer: 'Gatehouse', account: 'Acme - olga' });
  });

  it.each(['olga', 'olga:admin', 'olga@acme.test', 'olga van dijk', 'günther', 'a/b?c#d&e=f%20'])(
    'is escaped for the username %s',
    (username) => {
      const uri = keyUri(appEntry('Gatehouse', 'Über & Söhne: GmbH', username), rfcSecret);
      const { protocol, host, pathname, searchParams } = new URL(uri);
      expect([protocol, host]).toEqual(['otpauth:', 'totp']);
      const [issuer, account, ...rest] = pathname.slice(1).split(':').map(decodeURIComponent);
      expect([issuer, account, rest]).toEqual(['Gatehouse', `Über & Söhne: GmbH - ${username}`, []]);
      expect(Object.fromEntries(searchParams)).toEqual({
        issuer: 'Gatehouse',
        secret: rfcSecret,
        algorithm: 'SHA1',
        digits: '6',
        period: '30',
      });
    },
  );

  it('has its key grouped in fours', () => {
    expect(groupedKey('ABCDEFGHIJ')).toBe('ABCD EFGH IJ');
    expect(groupedKey('ABCDEFGH')).toBe('ABCD EFGH');
  });
});

describe('any secret at any time', () => {
  const instant = fc.date({ min: new Date('2020-01-01'), max: new Date('2090-01-01'), noInvalidDate: true });
  const secret = fc
    .uint8Array({ minLength: 10, maxLength: 40 })
    .map((bytes) => new Secret({ buffer: Uint8Array.from(bytes).buffer }).base32);

  it('takes what an app shows now, a step before and a step after, and tells which; of two steps away only by chance', () => {
    fc.assert(
      fc.property(secret, instant, fc.integer({ min: -4, max: 4 }), (key, now, away) => {
        const step = Math.floor(now.getTime() / 30_000) + away;
        const shown = new TOTP({ secret: key }).generate({ timestamp: step * 30_000 });
        const matched = matchedStep(key, shown, now);
        // Two steps of a million may show the same digits.
        const same = [-1, 0, 1]
          .map((near) => step - away + near)
          .filter((near) => HOTP.generate({ secret: Secret.fromBase32(key), counter: near }) === shown);
        if (same.length === 0) expect(matched).toBeUndefined();
        else expect(same).toContain(matched);
        if (Math.abs(away) <= 1) expect(same).toContain(step);
      }),
    );
  });

  it('is read back from how it is written in groups, and from the address that the app takes', () => {
    fc.assert(
      fc.property(secret, fc.string({ unit: 'grapheme', minLength: 1 }), (key, name) => {
        expect(readSecret(groupedKey(key).toLowerCase())).toBe(key);
        const uri = new URL(keyUri(appEntry('Gatehouse', name, 'olga'), key));
        expect([uri.searchParams.get('secret'), uri.searchParams.get('issuer')]).toEqual([key, 'Gatehouse']);
        expect(decodeURIComponent(uri.pathname.split(':').at(-1) ?? '')).toBe(`${name} - olga`);
      }),
    );
  });

  it('is one or none, and never breaks the reader', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const key = readSecret(text);
        if (key !== undefined) expect(isSecret(key)).toBe(true);
      }),
    );
  });
});
