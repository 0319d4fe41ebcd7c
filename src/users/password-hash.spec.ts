import bcrypt from 'bcrypt';
import { costOf, hashPassword, isOutdated, isPasswordOf } from './password-hash.js';

const long = 'x'.repeat(80);

describe('a password hash', () => {
  it('is not cut at 72 bytes', async () => {
    const stored = await hashPassword(`${long}a`, 4);
    expect(await isPasswordOf(stored, `${long}a`)).toBe(true);
    expect(await isPasswordOf(stored, `${long}b`)).toBe(false);
  });

  it('is the same for the two ways to write ü, and different with a space at the end', async () => {
    const stored = await hashPassword('gr\u00fcn und gelb', 4);
    expect(await isPasswordOf(stored, 'gru\u0308n und gelb')).toBe(true);
    expect(await isPasswordOf(stored, 'gr\u00fcn und gelb ')).toBe(false);
  });

  it.each(['$2a$', '$2b$', '$2y$'])('of another platform works as %s', async (prefix) => {
    const hash = (await bcrypt.hash('imported password', 4)).replace('$2b$', prefix);
    expect(await isPasswordOf({ hash, scheme: 'BCRYPT' }, 'imported password')).toBe(true);
    expect(await isPasswordOf({ hash, scheme: 'BCRYPT' }, 'another')).toBe(false);
    expect(costOf(hash)).toBe(4);
  });

  it('is renewed when its cost or its scheme is not the one of today', async () => {
    expect(isOutdated(await hashPassword('password', 4), 4)).toBe(false);
    expect(isOutdated(await hashPassword('password', 4), 5)).toBe(true);
    expect(isOutdated({ hash: await bcrypt.hash('password', 4), scheme: 'BCRYPT' }, 4)).toBe(true);
  });
});
