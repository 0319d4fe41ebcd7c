import { parseForm } from '../platform/forms.js';
import { type CountryCode, countries, exampleNumber, readNumber, shownNumber } from '../platform/phone-number.js';
import { detailsForm, isEmailAddress } from './details.form.js';

const stored = { email: 'agnes@acme.test', phoneNumber: '+31612345678' };
const parse = (body: Record<string, unknown>, country: CountryCode = 'NL', before: Parameters<typeof detailsForm>[0]['stored'] = stored) =>
  parseForm(detailsForm({ country, stored: before }), { name: 'Agnes', ...body }, ['name', 'email', 'phoneNumber']);
const none = { email: null, phoneNumber: null };

describe('the form of the details', () => {
  it('leaves what is not sent as it is, and takes what is empty out', () => {
    expect(parse({})).toMatchObject({ ok: true, value: { name: 'Agnes', ...stored } });
    expect(parse({ email: ' ', phoneNumber: ' ' })).toMatchObject({ ok: true, value: none });
    expect(parse({}, 'NL', none)).toMatchObject({ ok: true, value: none });
  });

  it('says all that is wrong at once, and keeps what was typed', () => {
    const refused = parse({ name: ' ', email: 'agnes', phoneNumber: '06' });
    expect(refused).toMatchObject({ ok: false, kept: { name: ' ', email: 'agnes', phoneNumber: '06' } });
    expect(refused.ok ? [] : refused.errors.map(({ field }) => field)).toEqual(['name', 'email', 'phoneNumber']);
  });

  it('takes the number that the page shows of every country back as the same number, from wherever it is looked at', () => {
    const homes: readonly CountryCode[] = ['NL', 'US', 'DE', 'GB', 'IT', 'BR', 'RU', 'AR', 'MX', 'SG'];
    for (const { code } of countries) {
      const read = readNumber(exampleNumber(code), code);
      if (read.kind !== 'mobile') continue;
      for (const home of homes) {
        const phoneNumber = shownNumber(read.number, home);
        const again = readNumber(phoneNumber, home);
        expect({ code, home, phoneNumber, ...again }).toEqual({ code, home, phoneNumber, kind: 'mobile', number: read.number });
        expect(parse({ phoneNumber }, home, none)).toMatchObject({ ok: true, value: { phoneNumber: read.number } });
      }
    }
  });

  it('shows a number that would be another one at home in the international way', () => {
    expect(shownNumber('+31612345678', 'NL')).toBe('06 12345678');
    expect(shownNumber('+31612345678', 'DE')).toBe('+31 6 12345678');
  });
});

describe('an e-mail address', () => {
  it.each(['agnes@acme.test', 'a+b@sub.acme.test', "o'neill@acme.test", 'größe@köln.test'])('may be %s', (address) => {
    expect(isEmailAddress(address)).toBe(true);
  });

  it.each(['', 'agnes', '@acme.test', 'agnes@', 'agnes@acme', 'a@b@c.test', 'a b@c.test', 'a@b.test,c@d.test', '<a@b.test>', 'a@b.test\n'])(
    'is not %p',
    (address) => {
      expect(isEmailAddress(address)).toBe(false);
    },
  );
});
