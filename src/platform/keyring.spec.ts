import { Keyring } from './keyring.js';

const [first, second] = [
  { id: 'a', bytes: Buffer.alloc(32, 1) },
  { id: 'b', bytes: Buffer.alloc(32, 2) },
];

describe('the keyring', () => {
  it('signs with its first key and verifies with all', () => {
    const mac = new Keyring([first]).mac('purpose', 'message');
    expect(new Keyring([second, first]).verify('purpose', 'message', mac)).toBe(true);
    expect(new Keyring([second]).verify('purpose', 'message', mac)).toBe(false);
  });

  it('tells what its first key signed from what another one did', () => {
    const mac = new Keyring([first]).mac('purpose', 'message');
    expect(new Keyring([first, second]).verifyCurrent('purpose', 'message', mac)).toBe(true);
    expect(new Keyring([second, first]).verifyCurrent('purpose', 'message', mac)).toBe(false);
    expect(new Keyring([first]).verifyCurrent('purpose', 'another', mac)).toBe(false);
  });

  /** By OpenSSL, and not by us: HKDF without a salt, `info:gatehouse/purpose`, and HMAC under what it gives. */
  it('signs as it always did, so that what was signed before an update is known after it', () => {
    expect(new Keyring([first]).mac('purpose', 'message')).toBe('_pWH7LoutbyK7o1EGnkHpdpbnPGeqUmZC-RgFyZKkr0');
  });

  it('gives what every key makes of a message, its first key first', () => {
    const [before, now] = [new Keyring([first]), new Keyring([second, first])];
    expect(now.macs('purpose', 'message')).toEqual([now.mac('purpose', 'message'), before.mac('purpose', 'message')]);
  });

  it('keeps purposes and messages apart', () => {
    const keyring = new Keyring([first]);
    const mac = keyring.mac('purpose', 'message');
    expect(keyring.verify('another', 'message', mac)).toBe(false);
    expect(keyring.verify('purpose', 'another', mac)).toBe(false);
    expect(keyring.verify('purpose', 'message', '')).toBe(false);
  });

  it('needs a key', () => {
    expect(() => new Keyring([])).toThrow();
  });
});
