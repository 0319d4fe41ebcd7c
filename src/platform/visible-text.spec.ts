import { isReadableKey, isReadableName } from './visible-text.js';

describe('a name that others read', () => {
  it.each(['', 'Olga', "José Ñandú-O'Hara", 'मोहन', 'می\u200cخواهم', '李', '👨\u200d👩\u200d👧', 'Zoë ❤\ufe0f', 'a b'])(
    'takes %j',
    (name) => expect(isReadableName(name)).toBe(true),
  );

  it.each([
    ['a space without width', 'olga\u200b'],
    ['nothing but such', '\u200b'],
    ['nothing but joiners', '\u200d\ufe0f'],
    ['a joiner between spaces', ' \u200d '],
    ['a change of direction', '\u202eagolo'],
    ['a mark of direction', 'olga\u200e'],
    ['an isolate', '\u2066olga'],
    ['a line separator', 'Acme\u2028Corp'],
    ['a paragraph separator', 'Acme\u2029Corp'],
    ['a soft hyphen', 'ol\u00adga'],
    ['a byte order mark', '\ufeffolga'],
    ['a filler', 'olga\u3164'],
    ['an empty pattern of Braille', '\u2800'],
    ['a tag', 'olga\u{e0041}'],
    ['a control character', 'ol\u0007ga'],
    ['half a pair', 'olga\ud800'],
  ])('refuses %s', (_, name) => {
    expect(isReadableName(name)).toBe(false);
    expect(isReadableKey(name)).toBe(false);
  });
});

describe('what is compared and typed again', () => {
  it.each(['olga', 'olga@acme.test', 'ışıl', '李', 'a b'])('takes %j', (key) => expect(isReadableKey(key)).toBe(true));

  it.each(['olga\u200d', 'ol\u200cga', 'olga\ufe0f'])('takes no joiner, which nobody sees: %j', (key) =>
    expect(isReadableKey(key)).toBe(false),
  );
});
