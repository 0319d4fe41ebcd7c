import fc from 'fast-check';
import { isEmailAddress } from '../../users/details.form.js';
import { readPastedAddresses } from './pasted-addresses.js';

const read = (text: string) => readPastedAddresses(text, isEmailAddress);

describe('a pasted list of addresses', () => {
  it.each([
    ['one', ' ann@acme.test ', ['ann@acme.test']],
    ['commas', 'ann@acme.test,bob@acme.test, cy@acme.test,', ['ann@acme.test', 'bob@acme.test', 'cy@acme.test']],
    ['semicolons', 'ann@acme.test;bob@acme.test ;', ['ann@acme.test', 'bob@acme.test']],
    ['blanks and tabs', 'ann@acme.test bob@acme.test\tcy@acme.test\u00a0', ['ann@acme.test', 'bob@acme.test', 'cy@acme.test']],
    ['lines', '\r\nann@acme.test\r\n\nbob@acme.test\n', ['ann@acme.test', 'bob@acme.test']],
    ['a name', 'Ann van Dijk <ann@acme.test>', ['ann@acme.test']],
    ['no name', '<ann@acme.test>,< bob@acme.test >', ['ann@acme.test', 'bob@acme.test']],
    ['names', 'Ann A. <ann@acme.test>, Bob <bob@acme.test>; Cy <cy@acme.test>', ['ann@acme.test', 'bob@acme.test', 'cy@acme.test']],
    [
      'surnames first',
      '"Dijk, Ann" <ann@acme.test>, Bob <bob@acme.test>; Beck, Cy <cy@acme.test>',
      ['ann@acme.test', 'bob@acme.test', 'cy@acme.test'],
    ],
    ['a quoted part of a name', 'Ann "Annie" Dijk <ann@acme.test>', ['ann@acme.test']],
    ['an address before a name', 'ann@acme.test, Bob <bob@acme.test> cy@acme.test', ['ann@acme.test', 'bob@acme.test', 'cy@acme.test']],
    ['an address as a name', 'ann@acme.test <ann@acme.test>', ['ann@acme.test']],
    [
      'single quotes',
      "'ann@acme.test' <ann@acme.test>; 'bob@acme.test'; o'neil@acme.test",
      ['ann@acme.test', 'bob@acme.test', "o'neil@acme.test"],
    ],
    ['a link to write to', 'mailto:ann@acme.test, Bob <MAILTO:bob@acme.test>', ['ann@acme.test', 'bob@acme.test']],
    ['what is not seen', '\ufeffann@acme.test\u200b', ['ann@acme.test']],
    ['the same twice', 'Ann@acme.test ann@ACME.test', ['Ann@acme.test']],
  ])('with %s', (_, text, addresses) => {
    expect(read(text)).toEqual({ addresses, malformed: [] });
  });

  it.each([
    ['ann@acme.test, rick, Bob <bob@acme.test>', 'rick'],
    ['rick, "Bob" <bob@acme.test>, ann@acme.test', 'rick'],
    ['rick, <bob@acme.test>; ann@acme.test', 'rick'],
    ['ann@acme.test <bob@acme.test>, rick, bob@acme.test', 'rick'],
    ['rick\nBob <bob@acme.test>, ann@acme.test', 'rick'],
    ['Ann <ann@acme.test>, rick, Bob <bob@acme.test>', 'rick'],
    ['rick, Ann <ann@acme.test>, Bob <bob@acme.test>', 'rick'],
    ['Ann <ann@acme.test>, Bob <bob@acme.test> rick', 'rick'],
    ['Beck, Ann <ann@acme.test> rick; bob@acme.test', 'rick'],
    ['rick, rick, Ann <ann@acme.test>; bob@acme.test', 'rick'],
    ['rick "Bob" <bob@acme.test>, ann@acme.test', 'rick'],
  ])('takes no word for a part of a name that stands by itself: %j', (text, word) => {
    expect(read(text)).toMatchObject({ malformed: [word] });
    expect([...read(text).addresses].sort()).toEqual(['ann@acme.test', 'bob@acme.test']);
  });

  it.each(["'ann@acme.test's", "o'ann@acme.test'", 'amailto:ann@acme.test'])('takes no part of %j for an address', (text) => {
    const { addresses, malformed } = read(text);
    expect([...addresses, ...malformed]).toEqual([text]);
  });

  it('names everything that is no address', () => {
    expect(read('ann, bob@acme.test; @x <cy@acme.test \n<dee> e@f <e@acme.test>> x\n"no@acme.test" a@b@c.test')).toEqual({
      addresses: ['bob@acme.test'],
      malformed: ['ann', '@x', '<cy@acme.test', 'dee', 'e@f', '<e@acme.test>> x', 'a@b@c.test'],
    });
    expect(read('<>')).toEqual({ addresses: [], malformed: ['<>'] });
    expect(read(' ,;\n')).toEqual({ addresses: [], malformed: [] });
  });

  it.each(['<', '"', 'a@', ' ,', '<a>', '"<'])('takes no long time over %j many times', (part) => {
    const text = part.repeat(16_384 / part.length);
    expect(read(text).addresses).toEqual([]);
  });
});

describe('anything that is pasted', () => {
  const address = fc
    .tuple(fc.stringMatching(/^[a-zA-Z0-9.+_-]{1,12}$/), fc.stringMatching(/^[a-z0-9]{1,8}\.[a-z]{2,4}$/))
    .map(([name, domain]) => `${name}@${domain}`);

  it('gives back every address, once, whatever stands between them', () => {
    const between = fc.constantFrom(',', ';', ' ', '\n', '\r\n', ', ', '; ', '\t');
    fc.assert(
      fc.property(fc.array(fc.tuple(address, between), { minLength: 1 }), (pasted) => {
        const { addresses, malformed } = read(pasted.flat().join(''));
        expect(malformed).toEqual([]);
        const wanted = new Set(pasted.map(([one]) => one.toLowerCase()));
        expect(addresses.map((one) => one.toLowerCase()).sort()).toEqual([...wanted].sort());
      }),
    );
  });

  it('gives addresses that are some, each once, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a<>@,;". \n]{0,30}$/)), (text) => {
        const { addresses } = read(text);
        expect(addresses.every(isEmailAddress)).toBe(true);
        expect(new Set(addresses.map((one) => one.toLowerCase())).size).toBe(addresses.length);
      }),
    );
  });
});
