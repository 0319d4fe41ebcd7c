import fc from 'fast-check';
import { longestSmsHost } from '../../platform/config.js';
import { codeText } from './code-text.js';
import { gsm7Length, toGsm7 } from './gsm7.js';

const given = { code: '012345', from: 'Gatehouse', lifetimeMinutes: 5, host: 'door.example.com' };

describe('the text of a code', () => {
  it('begins with the code, says who it is from and how long it lasts, and ends with the line that binds it to the host', () => {
    expect(codeText(given)).toBe(
      '012345 is your Gatehouse code. It works for 5 minutes. Never share it with anyone.\n\n@door.example.com #012345',
    );
  });

  it.each([
    ['the longest name that fits', 'G'.repeat(57), `${'G'.repeat(57)} code.`],
    ['a name that is one too long', 'G'.repeat(58), `${'G'.repeat(57)} code.`],
    ['a name that is cut between two words', `${'G'.repeat(56)} House`, `${'G'.repeat(56)} code.`],
    ['a name in another script', '大門', 'code.'],
  ])('names %s as far as there is room, and in letters that an SMS has', (_, from, named) => {
    expect(codeText({ ...given, from, host: 'sign-in.example.com' })).toBe(
      `012345 is your ${named} It works for 5 minutes. Never share it with anyone.\n\n@sign-in.example.com #012345`,
    );
  });

  it.each([
    ['a long name', { from: 'G'.repeat(60), host: 'sign-in.of.a.rather.long.example.com' }],
    ['the longest host', { host: 'h'.repeat(longestSmsHost) }],
    ['both', { from: 'Gatehouse '.repeat(6), host: 'h'.repeat(longestSmsHost) }],
    ['a name in another script', { from: '大門' }],
    ['a name with accents', { from: 'Žluťoučký Kůň' }],
    ['an address of the sixth version', { host: '[2001:db8::1]' }],
  ])('is one segment of the GSM alphabet with %s', (_, part) => {
    const text = codeText({ ...given, ...part });
    expect(gsm7Length(text)).toBeLessThanOrEqual(160);
    expect(text.split('\n').at(-1)).toBe(`@${{ ...given, ...part }.host} #012345`);
    expect(text).toMatch(/^012345 is your [^\n]*code\./);
  });
});

describe('the GSM alphabet', () => {
  it('counts the characters of its extension twice and knows what it lacks', () => {
    expect(gsm7Length('a€[')).toBe(5);
    expect(gsm7Length('č')).toBeUndefined();
    expect(gsm7Length('😀')).toBeUndefined();
  });

  it('keeps what it has, takes accents off what it has not, and drops the rest', () => {
    expect(toGsm7('Größe é č 大 €\n')).toBe('Größe é c €');
    expect(toGsm7('大 Acme 門')).toBe('Acme');
  });
});

describe('any name of a product', () => {
  it('leaves a text of one segment of the GSM alphabet, with the code first and the host last', () => {
    const host = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,40}[a-z0-9]$/);
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.string({ unit: 'grapheme', maxLength: 80 })),
        host,
        (from, at) => {
          const text = codeText({ ...given, from, host: at });
          expect(gsm7Length(text)).toBeLessThanOrEqual(160);
          expect(text.startsWith('012345 ')).toBe(true);
          expect(text.split('\n').at(-1)).toBe(`@${at} #012345`);
        },
      ),
    );
  });

  it('is turned into letters of the alphabet, and those are left as they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const plain = toGsm7(text);
        expect(gsm7Length(plain)).toBeDefined();
        expect(toGsm7(plain)).toBe(plain);
      }),
    );
  });
});
