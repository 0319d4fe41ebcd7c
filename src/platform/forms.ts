/** Forms: one schema each, judged on the server, every field error at once, what was typed kept but no secrets. */
import { UnprocessableEntityException } from '@nestjs/common';
import { z } from 'zod';
import { isReadableName } from './visible-text.js';

export type FieldError = { readonly field: string; readonly message: string };
/** How a page says that its form was not taken. */
export type FormRefusal = { readonly status: number; readonly errors: readonly FieldError[]; readonly retryAfterSeconds?: number };
export type Kept = Readonly<Record<string, string>>;
export type ParsedForm<Value> = { readonly kept: Kept } & (
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly errors: readonly FieldError[] }
);

export const repeated = 'This was sent more than once. Fill it in and send the form again.';

/** A field of text without control characters, trimmed; passwords and codes have their own schemas. */
export function text(label: string, { max, optional = false }: { max: number; optional?: boolean }) {
  const typed = z.string({ error: (issue) => (issue.input === undefined ? `Enter ${label}.` : repeated) });
  return (optional ? typed.default('') : typed)
    .transform((value) => value.normalize('NFC').trim())
    .refine((value) => optional || value !== '', `Enter ${label}.`)
    .refine((value) => [...value].length <= max, `Use at most ${max} characters.`)
    .refine((value) => !/\p{Cc}|\p{Cs}/u.test(value), 'Take out the characters that cannot be printed.');
}

export const unseen = 'Take out the characters that cannot be seen.';

/** A field of text that others read as somebody's name, or an organization's. */
export function nameText(label: string, { max }: { max: number }) {
  return text(label, { max }).refine(isReadableName, unseen);
}

/** A password as typed: never trimmed. At most 1,024 bytes, so that nobody sends a hash the size of a book. */
export function typedPassword(message: string) {
  return z
    .string({ error: (issue) => (issue.input === undefined ? message : repeated) })
    .refine((value) => value !== '', message)
    .refine((value) => Buffer.byteLength(value) <= 1024, 'Use at most 1,024 bytes.');
}

/** A field that goes with the form unseen. */
export function hidden() {
  return z.string({ error: repeated }).optional();
}

/** Six digits; spaces and hyphens are taken out first. */
export function sixDigits() {
  const message = 'Enter the six digits, without letters.';
  return z
    .string({ error: (issue) => (issue.input === undefined ? message : repeated) })
    .transform((value) => value.replace(/[\s-]/g, ''))
    .refine((value) => /^[0-9]{6}$/.test(value), message);
}

/** A checkbox: absent is off, `on` is on, anything else is refused. */
export function checkbox() {
  return z
    .literal('on', { error: repeated })
    .optional()
    .transform((value) => value === 'on');
}

/** Bodies before they are judged. To make a schema takes longer than to use it. */
const flat = z.record(z.string(), z.string());
const anything = z.record(z.string(), z.unknown()).catch({});

/**
 * Judges a posted body.
 * @param keep the fields to show again when the form is not taken now; never a password or a code
 */
export function parseForm<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
  keep: readonly string[] = [],
): ParsedForm<z.output<Schema>> {
  const parsed = schema.safeParse(body ?? {});
  const kept = keptOf(body, keep);
  const first = new Map(nestedIn(body).map((field) => [field, repeated]));
  if (parsed.success && first.size === 0) return { ok: true, value: parsed.data, kept };
  for (const { path, message } of parsed.error?.issues ?? []) {
    const field = String(path[0] ?? '');
    if (!first.has(field)) first.set(field, message);
  }
  return { ok: false, errors: [...first].map(([field, message]) => ({ field, message })), kept };
}

/**
 * For a form whose fields may all be left out: one that was sent twice, or nested, must not count as left out.
 * @throws UnprocessableEntityException
 */
export function refuseRepeated(body: unknown): void {
  if (!flat.safeParse(body ?? {}).success || nestedIn(body).length > 0) throw new UnprocessableEntityException();
}

/** Other parsers make a list or an object of `code[]` and `code[x]`: here it is no other way to send a field, nor to leave it out. */
function nestedIn(body: unknown): readonly string[] {
  return Object.keys(fieldsOf(body)).flatMap((name) => (name.includes('[') ? [name.replace(/\[.*$/s, '')] : []));
}

function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  return anything.parse(body ?? {});
}

function keptOf(body: unknown, keep: readonly string[]): Kept {
  const fields = new Map(Object.entries(fieldsOf(body)));
  const pairs = keep.map((name) => [name, fields.get(name)] as const);
  return Object.fromEntries(pairs.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
}
