import { commonPasswords, longCommonPasswords } from './common-passwords.js';
import { refusePassword } from './password.policy.js';

const setting = { names: ['Acme Tools', 'Olga', 'olga@acme.test', 'gatehouse'], common: commonPasswords() };

describe('a new password', () => {
  it.each([
    'correct horse battery staple 9',
    'vier ungleiche Wörter hier',
    '长密码也可以使用的啊一二三四五六',
    'acme correct horse battery',
    'kx7-vm2-qp9w',
    'p4a7s9s2w5o1r8d3',
    'sunshinesunshine lamp',
    'lamp sunshinesunshine',
    'dbeacbdaecbade',
  ])('may be %s', (password) => {
    expect(refusePassword(password, setting)).toBeUndefined();
  });

  it('may have 256 characters', () => {
    const longest = 'x1y2z3w4'.repeat(32);
    expect(refusePassword(longest, setting)).toBeUndefined();
    expect(refusePassword(`${longest}v`, setting)).toMatch('at most 256');
  });

  it.each([
    ['short', 'elevenchars', 'at least 12'],
    ['common', 'passwordpassword', 'tried first'],
    ['common', '1234567890123', 'tried first'],
    ['common with signs around it', 'Password1234!', 'tried first'],
    ['common with signs before it', '7!SleepyHollow', 'tried first'],
    ['common though it is long', 'SleepyHollow', 'tried first'],
    ['common though it is long, with signs around it', 'Michelangelo!7', 'tried first'],
    ['common and said twice', 'SunshineSunshine', 'tried first'],
    ['common and said three times, with signs around it', '-sunshinesunshinesunshine-', 'tried first'],
    ['one character', 'aaaaaaaaaaaaaaaa', 'tried first'],
    ['four characters', 'dbacabdcadbcdb', 'tried first'],
    ['digits as they follow', '345678901234', 'tried first'],
    ['digits backwards', '432109876543', 'tried first'],
    ['letters as they follow', 'efghijklmnop', 'tried first'],
    ['letters backwards', 'ponmlkjihgfe', 'tried first'],
    ['a row of keys', 'wertyuiopasd', 'tried first'],
    ['a row of keys backwards', 'dsapoiuytrew', 'tried first'],
    ['two rows of keys by turns', '2w3e4r5t6y7u', 'tried first'],
    ['names', 'acme-tools-olga-1', 'Names'],
    ['names', 'OLGA@ACME.TEST', 'Names'],
    ['the product', 'gatehouse-gatehouse', 'Names'],
  ])('is refused when it is %s: %s', (_, password, advice) => {
    expect(refusePassword(password, setting)).toMatch(advice);
  });

  it.each([
    [['Olga'], 'olgakx7vm2qp9wzt', undefined],
    [['Olga'], 'olgakx7vm2qp9wz', 'Names'],
    [['Ann', 'Annabel'], 'annabelkx7vm2qp9', 'Names'],
    [['Ann'], 'annkx7vm2qp9wz', 'Names'],
    [['Li'], 'likx7vm2qp9w', undefined],
  ])('needs twelve characters beside the names %j, the longer ones first; two letters are no name: %s', (names, password, advice) => {
    const refusal = refusePassword(password, { ...setting, names });
    if (advice === undefined) expect(refusal).toBeUndefined();
    else expect(refusal).toMatch(advice);
  });

  it('is refused when it is one of the 3,000 most used ones that are long enough', () => {
    const mostUsed = longCommonPasswords().slice(0, 3_000);
    expect(mostUsed).toHaveLength(3_000);
    expect(mostUsed.filter((password) => refusePassword(password, setting) === undefined)).toEqual([]);
    expect(mostUsed.filter((password) => [...password].length < 12)).toEqual([]);
  });
});
