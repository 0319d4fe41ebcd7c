import fc from 'fast-check';
import { Encryption, SecretUnreadableError } from './encryption.js';
import { Keyring } from './keyring.js';

const key = (id: string, fill: number) => ({ id, bytes: Buffer.alloc(32, fill) });
const encryption = new Encryption(new Keyring([key('a', 1)]));

describe('secrets at rest', () => {
  it('are read back under the row that they are bound to', () => {
    const stored = encryption.encrypt('JBSWY3DPEHPK3PXP', 'authenticators:secret:1');
    expect(stored).toMatch(/^v1\.a\.[\w-]{16}\.[\w-]+\.[\w-]{22}$/);
    expect(encryption.decrypt(stored, 'authenticators:secret:1')).toBe('JBSWY3DPEHPK3PXP');
  });

  /** By another implementation of HKDF and AES-GCM: what is in a database stays readable from version to version. */
  it('are read as they were written once', () => {
    const stored = 'v1.a.AAECAwQFBgcICQoL.p_MBvdh6rMV560-VPB6Hng.jt1qPTaV6YQpdMhUSeKFkg';
    expect(encryption.decrypt(stored, 'authenticators:secret:1')).toBe('JBSWY3DPEHPK3PXP');
  });

  it('look different each time', () => {
    expect(encryption.encrypt('same', 'row')).not.toBe(encryption.encrypt('same', 'row'));
  });

  it('are refused in another row', () => {
    const stored = encryption.encrypt('secret', 'authenticators:secret:1');
    expect(() => encryption.decrypt(stored, 'authenticators:secret:2')).toThrow(SecretUnreadableError);
  });

  it('are refused with any one bit turned, of the bytes and of the text that they are written in', () => {
    const stored = encryption.encrypt('secret', 'row');
    const [version, id, ...parts] = stored.split('.');
    for (const [index, part] of parts.entries()) {
      for (const turned of withOneBitTurned(Buffer.from(part, 'base64url'))) {
        const changed = parts.with(index, turned.toString('base64url'));
        expect(() => encryption.decrypt([version, id, ...changed].join('.'), 'row')).toThrow(SecretUnreadableError);
      }
    }
    for (const turned of withOneBitTurned(Buffer.from(stored))) {
      expect(() => encryption.decrypt(turned.toString('latin1'), 'row')).toThrow(SecretUnreadableError);
    }
  });

  it.each([
    ['', undefined],
    ['v1', undefined],
    ['v1.gone.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA', 'gone'],
    ['v1.not an id.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA', undefined],
  ])('say which key they miss, where it is one that is gone: %j', (stored, missingKeyId) => {
    let thrown: unknown;
    try {
      encryption.decrypt(stored, 'row');
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'SECRET_UNREADABLE', missingKeyId });
  });

  it.each(['.', '.AAAA'])('are refused with %j behind them', (more) => {
    expect(() => encryption.decrypt(encryption.encrypt('secret', 'row') + more, 'row')).toThrow(SecretUnreadableError);
  });

  it('are refused with a shortened tag, an unknown version or an unknown key', () => {
    const [version, id, nonce, text, tag] = encryption.encrypt('secret', 'row').split('.');
    expect(() => encryption.decrypt([version, id, nonce, text, tag?.slice(0, 16)].join('.'), 'row')).toThrow(SecretUnreadableError);
    expect(() => encryption.decrypt(['v2', id, nonce, text, tag].join('.'), 'row')).toThrow(SecretUnreadableError);
    expect(() => encryption.decrypt([version, 'b', nonce, text, tag].join('.'), 'row')).toThrow(SecretUnreadableError);
  });

  it('are written with the first key and read with all', () => {
    const old = encryption.encrypt('secret', 'row');
    const rotated = new Encryption(new Keyring([key('b', 2), key('a', 1)]));
    expect(rotated.decrypt(old, 'row')).toBe('secret');
    expect(rotated.encrypt('secret', 'row')).toMatch(/^v1\.b\./);
    expect([old, rotated.encrypt('secret', 'row')].map((stored) => rotated.isCurrent(stored))).toEqual([false, true]);
  });
});

function withOneBitTurned(bytes: Buffer): Buffer[] {
  return Array.from({ length: bytes.length * 8 }, (_, bit) => {
    const turned = Buffer.from(bytes);
    turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    return turned;
  });
}

describe('any secret', () => {
  const text = fc.string({ unit: 'grapheme' });

  it('is read back, in its own row alone, and not with any bit turned', () => {
    fc.assert(
      fc.property(text, text, text, fc.nat(), (plaintext, row, other, bit) => {
        const stored = encryption.encrypt(plaintext, row);
        expect(encryption.decrypt(stored, row)).toBe(plaintext);
        if (other !== row) expect(() => encryption.decrypt(stored, other)).toThrow(SecretUnreadableError);
        const bytes = Buffer.from(stored);
        const at = bit % (bytes.length * 8);
        bytes[at >> 3] = (bytes[at >> 3] ?? 0) ^ (1 << (at & 7));
        expect(() => encryption.decrypt(bytes.toString('latin1'), row)).toThrow(SecretUnreadableError);
      }),
    );
  });

  it('is none where the text was never written here', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (stored) =>
        expect(() => encryption.decrypt(stored, 'row')).toThrow(SecretUnreadableError),
      ),
    );
  });
});
