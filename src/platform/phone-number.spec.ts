import fc from 'fast-check';
import {
  countries,
  type CountryCode,
  countryName,
  exampleNumber,
  isCountry,
  numberPrefixes,
  readNumber,
  shownNumber,
  smsNumberOf,
} from './phone-number.js';

describe('a number as a person types it', () => {
  it.each([
    ['06 12345678', 'NL', '+31612345678'],
    ['06-12 34 56 78', 'NL', '+31612345678'],
    ['(06) 12345678', 'NL', '+31612345678'],
    ['+31 6 12345678', 'NL', '+31612345678'],
    ['+31 (0)6 12 34 56 78', 'NL', '+31612345678'],
    ['0031612345678', 'NL', '+31612345678'],
    [' 0612345678 ', 'NL', '+31612345678'],
    ['٠٦١٢٣٤٥٦٧٨', 'NL', '+31612345678'],
    ['0151 23456789', 'DE', '+4915123456789'],
    ['0151/234 56789', 'DE', '+4915123456789'],
    ['+49 151 23456789', 'NL', '+4915123456789'],
    ['00 49 151 23456789', 'NL', '+4915123456789'],
    ['011 49 151 23456789', 'US', '+4915123456789'],
    ['07400 123456', 'GB', '+447400123456'],
    ['+44 (0)7400 123456', 'US', '+447400123456'],
    ['(201) 555-0123', 'US', '+12015550123'],
    ['201.555.0123', 'US', '+12015550123'],
    ['1-201-555-0123', 'US', '+12015550123'],
    ['tel:+31612345678', 'NL', '+31612345678'],
    [' TEL:+31612345678 ', 'NL', '+31612345678'],
  ] as const)('%p in %s is %s', (typed, country, number) => {
    expect(readNumber(typed, country)).toEqual({ kind: 'mobile', number });
  });

  it.each<[string, CountryCode, string]>([
    ['020 123 4567', 'NL', 'a fixed line'],
    ['0900 1234567', 'NL', 'a premium number'],
    ['0906 1234', 'NL', 'a premium number'],
    ['0800 1234', 'NL', 'a toll-free number'],
    ['030 123456', 'DE', 'a fixed line'],
    ['0900 1234567', 'DE', 'a premium number'],
    ['0800 1234567', 'DE', 'a toll-free number'],
    ['020 7946 0018', 'GB', 'a fixed line'],
    ['0909 8790000', 'GB', 'a premium number'],
    ['0800 123 4567', 'GB', 'a toll-free number'],
    ['(800) 555-0199', 'US', 'a toll-free number'],
    ['(900) 234-5678', 'US', 'a premium number'],
    ['+870 301 234 567', 'NL', 'a satellite'],
  ])('%p in %s takes no SMS: %s', (typed, country) => {
    expect(readNumber(typed, country)).toEqual({ kind: 'no-mobile' });
  });

  it.each([
    '',
    '0',
    '06',
    '+',
    '06 1234567',
    '06 1234567890123',
    'abc',
    '112',
    '+999 123456',
    '06 12345678 ext. 5',
    'mine is 06 12345678',
    '06 12345678 or 87654321',
    '06 tel:12345678',
    '\u0000',
    '+31'.repeat(100),
  ])('%p is impossible', (typed) => {
    expect(readNumber(typed, 'NL').kind).toBe('impossible');
  });
});

describe('a stored number', () => {
  it.each([
    ['+31612345678', 'NL'],
    ['+4915123456789', 'DE'],
    ['+447400123456', 'GB'],
    ['+447911123456', 'GG'],
    ['+12015550123', 'US'],
    ['+15062345678', 'CA'],
  ])('%s takes SMS in %s', (number, country) => {
    expect(smsNumberOf(number)).toEqual({ number, country });
  });

  it('is one number in whatever way another platform wrote it', () => {
    expect(smsNumberOf('+310612345678')).toEqual({ number: '+31612345678', country: 'NL' });
  });

  it.each(['+31201234567', '+319001234567', '+318001234', '+18005550199', '+881612345678', '+3161', '0612345678', '', 'x'])(
    '%p takes none',
    (number) => {
      expect(smsNumberOf(number)).toBeUndefined();
    },
  );

  it.each([
    ['+31612345678', 'NL', '06 12345678'],
    ['+31612345678', 'DE', '+31 6 12345678'],
    ['+4915123456789', 'DE', '01512 3456789'],
    ['+4915123456789', 'NL', '+49 1512 3456789'],
    ['+447400123456', 'GB', '07400 123456'],
    ['+12015550123', 'US', '(201) 555-0123'],
    ['+12015550123', 'NL', '+1 201 555 0123'],
    ['no number', 'NL', 'no number'],
  ] as const)('%s is shown in %s as %s', (number, country, shown) => {
    expect(shownNumber(number, country)).toBe(shown);
  });

  it('is read back as the same number where it is shown', () => {
    for (const number of ['+31612345678', '+4915123456789', '+447400123456', '+12015550123'])
      for (const country of ['NL', 'DE', 'GB', 'US'] as const)
        expect(readNumber(shownNumber(number, country), country)).toEqual({ kind: 'mobile', number });
  });
});

describe('a country', () => {
  it.each(['NL', 'DE', 'US', 'GB'])('is %s', (code) => {
    expect(isCountry(code)).toBe(true);
  });

  it.each(['constructor', 'toString', '__proto__', 'XX', 'nl', 'N', 'NLD', '', ' NL', '001', 'ZZ'])('is not %p', (code) => {
    expect(isCountry(code)).toBe(false);
  });

  it('says how the numbers of a country begin', () => {
    expect(numberPrefixes(['NL', 'US', 'CA', 'nowhere'])).toEqual(['+31', '+1']);
    expect(numberPrefixes([])).toEqual([]);
  });

  it('stands in the order of its English name, also where that begins with an accent', () => {
    const some = countries.filter(({ code }) => ['AL', 'AX', 'CH', 'DE', 'ZA'].includes(code)).map(({ name }) => name);
    expect(some).toEqual(['Åland Islands', 'Albania', 'Germany', 'South Africa', 'Switzerland']);
  });

  it('has an English name and an example that takes SMS', () => {
    expect(countryName('NL')).toBe('Netherlands');
    expect(countries.length).toBeGreaterThan(200);
    expect(new Set(countries.map(({ name }) => name)).size).toBe(countries.length);
    for (const code of ['NL', 'DE', 'US', 'GB'] as const) expect(smsNumberOf(exampleNumber(code))?.country).toBe(code);
  });
});

describe('any number', () => {
  const country = fc.constantFrom(...countries.map(({ code }) => code));

  it('that is read is stored in one way, whatever stands between its digits', () => {
    const noise = fc.array(fc.constantFrom('', ' ', '-', '.', ' '), { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(country, noise, (code, signs) => {
        const example = exampleNumber(code);
        const spread = [...example.replace(/[^+\d]/g, '')]
          .map((sign, index) => (index < 2 ? sign : (signs[index % 20] ?? '') + sign))
          .join('');
        const [read, again] = [readNumber(example, 'NL'), readNumber(spread, 'NL')];
        expect(again).toEqual(read);
        if (read.kind !== 'mobile') return;
        expect(readNumber(read.number, code)).toEqual(read);
        expect(readNumber(shownNumber(read.number, 'NL'), 'NL')).toEqual(read);
        expect(smsNumberOf(read.number)?.number).toBe(read.number);
      }),
    );
  });

  it('is read or refused, and never breaks the reader', () => {
    const typed = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[+()\d ./;=a-z-]{0,30}$/));
    fc.assert(
      fc.property(typed, country, (text, code) => {
        const read = readNumber(text, code);
        if (read.kind === 'mobile') expect(read.number).toMatch(/^\+[1-9]\d{5,14}$/);
      }),
    );
  });
});
