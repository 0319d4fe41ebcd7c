import { commonPasswords, longCommonPasswords } from './common-passwords.js';
import { refusePassword } from './password.policy.js';

const setting = { names: ['Acme Tools', 'Olga', 'olga@acme.test', 'gatehouse'], common: commonPasswords() };

describe('a new password', () => {
  it.each([
    'correct horse battery staple 9',
    'vier ungleiche Wörter hier',
    '长密码也可以使用的啊一二三四五六',
    'acme correct horse battery',
  ])('may be %s', (password) => {
    expect(refusePassword(password, setting)).toBeUndefined();
  });

  it.each([
    ['short', 'elevenchars'],
    ['too long', 'x1y2z3w4v5'.repeat(26)],
    ['common', 'passwordpassword'],
    ['common', '1234567890123'],
    ['common with signs around it', 'Password1234!'],
    ['common though it is long', 'SleepyHollow'],
    ['common though it is long, with signs around it', 'Michelangelo!7'],
    ['one character', 'aaaaaaaaaaaaaaaa'],
    ['names', 'acme-tools-olga-1'],
    ['names', 'OLGA@ACME.TEST'],
    ['the product', 'gatehouse-gatehouse'],
  ])('is refused when it is %s: %s', (_, password) => {
    expect(refusePassword(password, setting)).toEqual(expect.any(String));
  });
  it('is refused when it is one of the 3,000 most used ones that are long enough', () => {
    const mostUsed = longCommonPasswords().slice(0, 3_000);
    expect(mostUsed).toHaveLength(3_000);
    expect(mostUsed.filter((password) => refusePassword(password, setting) === undefined)).toEqual([]);
    expect(mostUsed.filter((password) => [...password].length < 12)).toEqual([]);
  });
});
