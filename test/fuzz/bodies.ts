/** Bodies by chance for a form: near to what it takes, or nothing like it; raw, so that what no browser sends is among them. */
import fc from 'fast-check';

/** Stands in every value that tries to become part of a page. */
export const markup = 'zq7markup';
/** Stands in every password and code. */
export const secret = 'zq7secret';

const secretFields = ['password', 'currentPassword', 'code', 'recoveryCode'];

/** Percent-encoded already. */
const nastyRaw = [
  '%00',
  '%ED%A0%80',
  '%FF%FE',
  '%C0%AF',
  '%',
  '%zz',
  '%E2%80%AE',
  '%0D%0ASet-Cookie:%20a=b',
  '%F0%9F%94%91',
  '%EF%BB%BF',
  '+',
  '',
];
/** None of the words by which a page is judged to show its inside: a name that is saved is shown on later pages. */
const nastyTexts = [
  `"><b data-${markup}>`,
  `'><img src=x onerror=${markup}>`,
  `<script>${markup}</script>`,
  `</textarea></title><b data-${markup}>`,
  `\`\${${markup}}{{ ${markup} }}{% ${markup} %}`,
  `javascript:${markup}`,
  `' OR '1'='1`,
  '\\"><\\',
  '\u0000\u0001\u001f\u007f\u0085\u2028\u2029',
  'ﷺ'.repeat(50),
  'e\u0301'.repeat(200),
  '\u202e\u2066\ufeff\u200b',
  '-1',
  '0',
  '1e999',
  'null',
  'true',
  '[]',
  '{}',
  '9'.repeat(400),
  '=1+1',
  '//evil.test',
  'https://evil.test/',
  '/\\evil.test',
  '/login',
  'x'.repeat(5_000),
  'ä'.repeat(10_000),
];
const strangeKeys = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', '', ' ', '_method', `${markup}"<b>`];

const encode = (text: string) => new URLSearchParams({ a: text }).toString().slice(2);
const anyText = fc.oneof(
  fc.constantFrom(...nastyTexts),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
);
const anyRaw = fc.oneof({ weight: 3, arbitrary: anyText.map(encode) }, { weight: 1, arbitrary: fc.constantFrom(...nastyRaw) });

/** What the form takes, with something put in, taken out or put around. */
function nearTo(valid: string): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat({ max: valid.length }), fc.nat({ max: 3 }), fc.oneof(fc.constant(''), anyText))
    .map(([at, taken, put]) => encode(valid.slice(0, at) + put + valid.slice(at + taken)));
}

function valueOf(field: string, valid: string): fc.Arbitrary<string> {
  const value = fc.oneof(
    { weight: 4, arbitrary: fc.constant(encode(valid)) },
    { weight: 3, arbitrary: nearTo(valid) },
    { weight: 2, arbitrary: anyRaw },
  );
  if (!secretFields.includes(field)) return value;
  return fc.tuple(value, fc.boolean()).map(([typed, isMarked]) => (isMarked ? `${typed}${secret}` : typed));
}

type Field = { readonly name: string; readonly values: readonly string[] };

function fieldOf(name: string, valid: string): fc.Arbitrary<Field> {
  const nested = fc.constantFrom(
    name,
    name,
    name,
    name,
    name,
    `${name}[]`,
    `${name}[a]`,
    `${name}[__proto__][a]`,
    `${name}.a`,
    `${name}[$ne]`,
  );
  const times = fc.constantFrom(0, 1, 1, 1, 1, 1, 1, 2, 3);
  const values = times.chain((length) => fc.array(valueOf(name, valid), { minLength: length, maxLength: length }));
  return fc.record({ name: nested, values });
}

const strangeField: fc.Arbitrary<Field> = fc.record({
  name: fc.oneof(fc.constantFrom(...strangeKeys), fc.string({ unit: 'binary', maxLength: 20 })),
  values: fc.array(anyRaw, { minLength: 1, maxLength: 2 }),
});

/** @param fields the form's own, each with something that it takes */
export function bodiesOf(fields: Readonly<Record<string, string>>): fc.Arbitrary<string> {
  const own = fc.tuple(...Object.entries(fields).map(([name, valid]) => fieldOf(name, valid)));
  return fc
    .tuple(own, fc.array(strangeField, { maxLength: 3 }), fc.boolean())
    .map(([known, strange, isStrange]) => [...known, ...(isStrange ? strange : [])])
    .map((all) => all.flatMap(({ name, values }) => values.map((value) => `${encode(name)}=${value}`)).join('&'));
}
