import { parseLine } from './line.schema.js';

const bcryptHash = `$2b$10$${'abcdefghij'.repeat(5)}./A`;
const acme = { type: 'organization', slug: 'acme', name: 'Acme', twoFactorRequired: false, smsAllowed: false };
const olga = { type: 'user', organization: 'acme', username: 'olga', name: 'Olga', role: 'OWNER', passwordHash: bcryptHash };

const parse = (line: object) => parseLine(JSON.stringify(line));
const problemOf = (line: object) => {
  const parsed = parse(line);
  return parsed.ok ? undefined : parsed.problem;
};
const lineOf = (line: object) => {
  const parsed = parse(line);
  return parsed.ok ? parsed.line : parsed.problem;
};

describe('a line of an import', () => {
  it('is an organization', () => {
    expect(lineOf(acme)).toEqual(acme);
    expect(lineOf({ ...acme, smsCountries: ['NL', 'BE', 'NL'] })).toEqual({ ...acme, smsCountries: ['NL', 'BE'] });
  });

  it('is a user with a bcrypt hash or a password', () => {
    const { passwordHash: _hash, ...rest } = olga;
    expect(lineOf(olga)).toEqual({ ...rest, credential: { kind: 'hash', hash: bcryptHash } });
    expect(lineOf({ ...rest, password: 'a' })).toEqual({ ...rest, credential: { kind: 'clear', password: 'a' } });
    expect(problemOf(rest)).toBe('takes either password or passwordHash');
    expect(problemOf({ ...olga, password: 'a' })).toBe('takes either password or passwordHash');
  });

  it.each(['$2a$04$', '$2b$12$', '$2y$15$'])('takes bcrypt hashes that begin with %s', (start) => {
    expect(parse({ ...olga, passwordHash: start + bcryptHash.slice(7) }).ok).toBe(true);
  });

  it.each(['$2x$10$', '$2b$03$', '$2b$16$', '$2b$1$', '$1$'])('refuses hashes that begin with %s', (start) => {
    expect(problemOf({ ...olga, passwordHash: start + bcryptHash.slice(7) })).toMatch(/^passwordHash takes a bcrypt hash/);
  });

  it('takes TOTP secrets from 80 bits, as other platforms write them', () => {
    expect(lineOf({ ...olga, totpSecret: 'abcd efgh ijkl mnop' })).toMatchObject({ totpSecret: 'ABCDEFGHIJKLMNOP' });
    expect(lineOf({ ...olga, totpSecret: 'ABCDEFGHIJKLMNOPQR======' })).toMatchObject({ totpSecret: 'ABCDEFGHIJKLMNOPQR' });
    expect(problemOf({ ...olga, totpSecret: 'ABCDEFGHIJKLMNO' })).toBe('totpSecret takes a base32 secret of at least 80 bits');
    expect(problemOf({ ...olga, totpSecret: 'ABCDEFGHIJKLMNO1' })).toBe('totpSecret takes a base32 secret of at least 80 bits');
  });

  it('takes any printable character in names, trimmed and composed', () => {
    expect(lineOf({ ...olga, name: ` Ole\u0301 "O'Hara" <b> 李 🦊 ` })).toMatchObject({ name: `Ol\u00e9 "O'Hara" <b> 李 🦊` });
    expect(lineOf({ ...olga, username: 'olga van dijk@acme.test' })).toMatchObject({ username: 'olga van dijk@acme.test' });
    expect(parse({ ...olga, name: '🦊'.repeat(100), username: 'u'.repeat(254) }).ok).toBe(true);
  });

  it.each([
    ['name', 'a\u0000b'],
    ['name', 'a\nb'],
    ['name', 'a\ud800b'],
    ['name', '   '],
    ['name', '\u200b'],
    ['name', 'Acme\u2028Corp'],
    ['username', 'olga\u200d'],
    ['email', 'olga\u200b@acme.test'],
    ['name', 'x'.repeat(101)],
    ['name', 7],
    ['username', ''],
    ['username', '.'],
    ['username', '..'],
    ['username', 'x'.repeat(255)],
    ['organization', 'Acme'],
    ['email', 'olga'],
    ['email', 'a\u0001@acme.test'],
    ['role', 'owner'],
    ['role', 'constructor'],
    ['phoneNumber', '0612345678'],
    ['phoneNumber', '+0612345678'],
    ['phoneNumber', '+3161234567890123'],
    ['smsEnabled', 'yes'],
    ['password', ''],
    ['password', 'x'.repeat(1025)],
    ['password', 'a\ud800b'],
  ])('refuses %s %j, and does not repeat it', (key, value) => {
    const { passwordHash: _hash, ...rest } = olga;
    const problem = problemOf({ ...(key === 'password' ? rest : olga), [key]: value });
    expect(problem).toMatch(new RegExp(`^${key} takes `));
    if (typeof value === 'string' && value.length > 2) expect(problem).not.toContain(value);
  });

  it.each([
    ['slug', 'Acme'],
    ['slug', '-acme'],
    ['slug', 'a'.repeat(61)],
    ['twoFactorRequired', 'true'],
    ['smsAllowed', 1],
    ['smsCountries', ['nl']],
    ['smsCountries', 'NL'],
  ])('refuses an organization with %s %j', (key, value) => {
    expect(problemOf({ ...acme, [key]: value })).toMatch(new RegExp(`^${key} takes `));
  });

  it('names every key that is wrong or missing', () => {
    expect(problemOf({ type: 'user', role: 'BOSS', username: 'olga' })).toBe(
      'organization is missing; name is missing; role takes OWNER, ADMIN or AGENT',
    );
    expect(problemOf({ ...acme, twoFactorRequired: undefined })).toBe('twoFactorRequired is missing');
  });

  it('refuses keys that it does not know, so that a typo loses nothing', () => {
    expect(problemOf({ ...olga, phonenumber: '+31612345678' })).toBe('has unknown keys: "phonenumber"');
    expect(problemOf({ ...olga, ['x\u001b[2J'.padEnd(80, 'y')]: 1 })).not.toMatch(/\p{Cc}/u);
  });

  it('takes null for a key that is left out', () => {
    const { passwordHash: _hash, ...rest } = olga;
    const absent = { email: null, phoneNumber: null, smsEnabled: null, totpSecret: null, password: null };
    expect(lineOf({ ...olga, ...absent })).toEqual({ ...rest, credential: { kind: 'hash', hash: bcryptHash } });
    expect(problemOf({ ...olga, role: null })).toBe('role is missing');
  });

  it.each(['', '{', '[]', 'null', '"text"', '7', '{"type":"user"'])('refuses %j, which is not a JSON object', (text) => {
    expect(parseLine(text)).toEqual({ ok: false, problem: 'is not a JSON object' });
  });

  it.each([{}, { type: 'person' }, { type: 7 }, { type: 'toString' }])('refuses %j, which has no known type', (line) => {
    expect(problemOf(line)).toMatch(/^type (takes organization or user|is missing)$/);
  });
});
