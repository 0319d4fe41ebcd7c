import fc from 'fast-check';
import { z } from 'zod';
import { UnprocessableEntityException } from '@nestjs/common';
import { checkbox, hidden, nameText, parseForm, refuseRepeated, repeated, sixDigits, text, typedPassword, unseen } from './forms.js';

const form = z.object({
  name: text('your name', { max: 5 }),
  code: sixDigits(),
  password: typedPassword('Enter your password.'),
  on: checkbox(),
});
const right = { name: ' Olga ', code: '123 456', password: ' pass word ' };

describe('a form', () => {
  it('trims text, takes spaces and hyphens out of codes, and leaves passwords alone', () => {
    expect(parseForm(form, { ...right, code: ' 12-34 56' })).toEqual({
      ok: true,
      value: { name: 'Olga', code: '123456', password: ' pass word ', on: false },
      kept: {},
    });
    expect(parseForm(form, { ...right, on: 'on' })).toMatchObject({ value: { on: true } });
  });

  it('ignores fields that it does not know', () => {
    expect(parseForm(form, { ...right, role: 'OWNER' })).toEqual(
      expect.objectContaining({ value: expect.not.objectContaining({ role: 'OWNER' }) }),
    );
  });

  it('says every field error at once, and keeps what was typed but no secrets', () => {
    const refused = parseForm(form, { name: 'Olga Olga', code: '12', password: '' }, ['name']);
    expect(refused).toMatchObject({ ok: false, kept: { name: 'Olga Olga' } });
    expect(refused.ok ? [] : refused.errors.map(({ field }) => field)).toEqual(['name', 'code', 'password']);
  });

  it.each([undefined, null, 'text', 5, []])('refuses the body %p', (body) => {
    expect(parseForm(form, body).ok).toBe(false);
  });

  it('that is none says so of no field', () => {
    expect(parseForm(form, 'text')).toMatchObject({ errors: [{ field: '' }] });
  });

  it.each(['12345', '1234567', 'abcdef', '１２３４５６', '12345a', ''])('refuses the code %p', (code) => {
    expect(parseForm(form, { ...right, code })).toMatchObject({ ok: false, errors: [{ field: 'code' }] });
  });

  it.each([
    ['repeated', ['1', '2']],
    ['nested', { a: '1' }],
  ])('refuses a %s field', (_, value) => {
    const whole = form.extend({ from: hidden() });
    for (const field of ['name', 'code', 'password', 'on', 'from'])
      expect(parseForm(whole, { ...right, [field]: value }, ['name'])).toMatchObject({ ok: false, errors: [{ field, message: repeated }] });
  });

  it.each([
    ['name[]', 'name'],
    ['on[a][b]', 'on'],
    ['unknown[\n', 'unknown'],
  ])('takes %j for no other way to send a field, nor to leave it out', (name, field) => {
    expect(parseForm(form, { ...right, [name]: 'on' })).toMatchObject({ ok: false, errors: [{ field, message: repeated }] });
    const { name: _, ...nameless } = right;
    const refused = parseForm(form, { ...nameless, 'name[]': 'Olga' });
    expect(refused).toMatchObject({ ok: false, errors: [{ field: 'name', message: repeated }] });
  });

  it.each([
    ['name', 'Enter your name.'],
    ['code', 'Enter the six digits, without letters.'],
    ['password', 'Enter your password.'],
  ])('says what to enter where the field %s is missing or empty', (field, message) => {
    for (const value of [undefined, ''])
      expect(parseForm(form, { ...right, [field]: value })).toMatchObject({ ok: false, errors: [{ field, message }] });
  });

  it('takes a text that is as long as may be, and says one thing of one that is wrong in two ways', () => {
    expect(parseForm(form, { ...right, name: 'Ólgas' })).toMatchObject({ ok: true });
    const refused = parseForm(form, { ...right, name: 'Olgas\u0000' });
    expect(refused).toMatchObject({ errors: [{ field: 'name', message: 'Use at most 5 characters.' }] });
    expect(refused).toHaveProperty('errors.length', 1);
  });

  it('takes a name that others read, and none with characters that nobody sees', () => {
    const named = z.object({ name: nameText('your name', { max: 5 }) });
    expect(parseForm(named, { name: ' Ólgas ' })).toMatchObject({ ok: true, value: { name: 'Ólgas' } });
    for (const [name, message] of [
      ['Ol\u200bga', unseen],
      ['Olga O', 'Use at most 5 characters.'],
      [' ', 'Enter your name.'],
    ])
      expect(parseForm(named, { name })).toMatchObject({ ok: false, errors: [{ field: 'name', message }] });
  });

  it('takes a text that may be left out for an empty one', () => {
    const optional = z.object({ note: text('a note', { max: 5, optional: true }) });
    for (const body of [{}, { note: ' ' }]) expect(parseForm(optional, body)).toMatchObject({ ok: true, value: { note: '' } });
  });

  it.each([undefined, {}, { a: '1', b: '' }])('whose fields may all be left out is taken: %j', (body) => {
    expect(() => refuseRepeated(body)).not.toThrow();
  });

  it.each([{ a: ['1', '2'] }, { a: { b: '1' } }, { 'a[]': '1' }, 'text'])('whose fields may all be left out is refused: %j', (body) => {
    expect(() => refuseRepeated(body)).toThrow(UnprocessableEntityException);
  });

  it.each(['a\u0000b', 'a\nb', 'a\ud800b'])('refuses the text %j', (name) => {
    expect(parseForm(form, { ...right, name })).toMatchObject({ ok: false, errors: [{ field: 'name' }] });
  });

  it('refuses a password of more than 1,024 bytes', () => {
    expect(parseForm(form, { ...right, password: 'ü'.repeat(512) }).ok).toBe(true);
    expect(parseForm(form, { ...right, password: 'ü'.repeat(513) }).ok).toBe(false);
  });
});

describe('any body', () => {
  const anything = fc.oneof(
    fc.anything(),
    fc.record({ name: fc.anything(), code: fc.string({ unit: 'binary' }), password: fc.anything() }),
  );

  it('is judged and never breaks the judge; what is taken is as it must be, and nothing typed as a secret is kept', () => {
    fc.assert(
      fc.property(anything, (body) => {
        const parsed = parseForm(form, body, ['name']);
        expect(Object.keys(parsed.kept).every((name) => name === 'name')).toBe(true);
        if (!parsed.ok) expect(parsed.errors.length).toBeGreaterThan(0);
        else expect(parsed.value.code).toMatch(/^\d{6}$/);
      }),
    );
  });

  it('of text is trimmed, composed, short enough and can be printed, or refused; taken once, it is taken as it is', () => {
    const field = z.object({ name: text('your name', { max: 20 }) });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })), (name) => {
        const parsed = parseForm(field, { name });
        if (!parsed.ok) return;
        const taken = parsed.value.name;
        expect(taken).toBe(taken.normalize('NFC').trim());
        expect(taken).not.toMatch(/[\p{Cc}\p{Cs}]/u);
        expect([...taken].length).toBeGreaterThan(0);
        expect([...taken].length).toBeLessThanOrEqual(20);
        expect(parseForm(field, { name: taken })).toMatchObject({ ok: true, value: { name: taken } });
      }),
    );
  });
});
