import fc from 'fast-check';
import { randomBase32 } from '../../platform/randomness.js';
import { codeLength, groupedRecoveryCode, hashOfRecoveryCode, readRecoveryCode } from './recovery-code.js';

const code = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

describe('a recovery code', () => {
  it.each([
    ['as it is shown', 'ABCDE-FGHIJ-KLMNOP-QRSTU-VWXYZ', code],
    ['in small letters, with spaces', ' abcde fghij klmnop qrstu vwxyz ', code],
    ['with digits that look like letters', '0123456701234567012345678A'.replace(/[2-7]/g, 'B').slice(0, 26), 'OIBBBBBBOIBBBBBBOIBBBBBBBA'],
  ])('is read: %s', (_, typed, read) => {
    expect(readRecoveryCode(typed)).toBe(read);
  });

  it.each(['', 'ABCDE', `${code}A`, code.replace('A', '9'), code.replace('A', 'Ä'), code.replace('A', '２'), '\u0000'.repeat(26)])(
    'is none: %j',
    (typed) => {
      expect(readRecoveryCode(typed)).toBeUndefined();
    },
  );

  it('is shown in groups, and what is none as it is', () => {
    expect(groupedRecoveryCode(code)).toBe('ABCDE-FGHIJ-KLMNOP-QRSTU-VWXYZ');
    for (const other of [`A${code}`, code.slice(1)]) expect(groupedRecoveryCode(other)).toBe(other);
  });

  it('of chance is read back from its groups, whatever it is', () => {
    for (let turn = 0; turn < 200; turn += 1) {
      const drawn = randomBase32(codeLength);
      expect(readRecoveryCode(groupedRecoveryCode(drawn))).toBe(drawn);
    }
  });

  it('is known by a hash that tells nothing of it', () => {
    expect(hashOfRecoveryCode(code)).toMatch(/^[\w-]{43}$/);
    expect(hashOfRecoveryCode(code)).not.toBe(hashOfRecoveryCode(`${code.slice(0, 25)}A`));
  });
});

describe('any text', () => {
  it('is a recovery code of 26 letters of base32, or none', () => {
    const near = fc.array(fc.constantFrom(...'ABCXYZabc234567018 -Ä２é'), { maxLength: 40 }).map((signs) => signs.join(''));
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: 'binary' })), (typed) => {
        const read = readRecoveryCode(typed);
        if (read === undefined) return;
        expect(read).toMatch(/^[A-Z2-7]{26}$/);
        expect(readRecoveryCode(groupedRecoveryCode(read))).toBe(read);
      }),
    );
  });
});
