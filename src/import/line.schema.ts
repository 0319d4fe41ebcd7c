/** What a line of an import may hold, and what is said about one that holds something else: never a value, it may be a secret. */
import { z } from 'zod';
import { readSecret } from '../mfa/domain/totp.js';
import { isReadableKey, isReadableName } from '../platform/visible-text.js';
import { isEmailAddress } from '../users/details.form.js';
import { isAddressable } from '../users/username.js';

export type Credential = { readonly kind: 'hash'; readonly hash: string } | { readonly kind: 'clear'; readonly password: string };
export type OrganizationLine = z.output<typeof organizationLine>;
export type UserLine = z.output<typeof userLine>;
export type ImportLine = OrganizationLine | UserLine;
export type ParsedLine = { readonly ok: true; readonly line: ImportLine } | { readonly ok: false; readonly problem: string };

/** What each key takes, for the operator. */
const takes: Readonly<Record<string, string>> = {
  type: 'takes organization or user',
  slug: 'takes 1 to 60 of a-z, 0-9 and -, the first a letter or digit',
  name: 'takes 1 to 100 characters that can be seen',
  twoFactorRequired: 'takes true or false',
  smsAllowed: 'takes true or false',
  smsCountries: 'takes a list of countries as two capital letters, such as ["NL"]',
  organization: "takes an organization's slug",
  username: 'takes 1 to 254 characters that can be seen, and not . or .. alone',
  email: 'takes an address such as name@example.com',
  role: 'takes OWNER, ADMIN or AGENT',
  password: 'takes 1 to 1,024 bytes of text',
  passwordHash: 'takes a bcrypt hash: $2a$, $2b$ or $2y$, cost 04 to 15',
  phoneNumber: 'takes + and 7 to 15 digits, such as +31612345678',
  smsEnabled: 'takes true or false',
  totpSecret: 'takes a base32 secret of at least 80 bits',
};

const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/);

/** The rule of the forms (`text` in platform/forms.ts), counted in characters. */
const text = (most: number) =>
  z
    .string()
    .transform((value) => value.normalize('NFC').trim())
    .refine((value) => value !== '' && [...value].length <= most);

const organizationLine = z.strictObject({
  type: z.literal('organization'),
  slug,
  name: text(100).refine(isReadableName),
  twoFactorRequired: z.boolean(),
  smsAllowed: z.boolean(),
  smsCountries: z
    .array(z.string().regex(/^[A-Z]{2}$/))
    .transform((countries) => [...new Set(countries)])
    .optional(),
});

const userLine = z
  .strictObject({
    type: z.literal('user'),
    organization: slug,
    username: text(254).refine(isReadableKey).refine(isAddressable),
    name: text(100).refine(isReadableName),
    email: z.string().trim().refine(isEmailAddress).optional(),
    role: z.enum(['OWNER', 'ADMIN', 'AGENT']),
    password: z.string().refine(isTypeable).optional(),
    passwordHash: z
      .string()
      .regex(/^\$2[aby]\$(0[4-9]|1[0-5])\$[./A-Za-z0-9]{53}$/)
      .optional(),
    phoneNumber: z
      .string()
      .regex(/^\+[1-9]\d{6,14}$/)
      .optional(),
    smsEnabled: z.boolean().optional(),
    totpSecret: z
      .string()
      .transform(readSecret)
      .refine((secret) => secret !== undefined)
      .optional(),
  })
  .transform(({ password, passwordHash, ...user }, context) => {
    const credentials: Credential[] = [];
    if (passwordHash !== undefined) credentials.push({ kind: 'hash', hash: passwordHash });
    if (password !== undefined) credentials.push({ kind: 'clear', password });
    const [credential, second] = credentials;
    if (credential && !second) return { ...user, credential };
    context.addIssue({ code: 'custom', message: 'takes either password or passwordHash' });
    return z.NEVER;
  });

const schemas: Readonly<Record<string, z.ZodType<ImportLine>>> = { organization: organizationLine, user: userLine };

/** A key that is null counts as left out: exports write absent values so. */
export function parseLine(text: string): ParsedLine {
  const line = z.record(z.string(), z.unknown()).safeParse(parseJson(text));
  if (!line.success) return { ok: false, problem: 'is not a JSON object' };
  const given = new Map(Object.entries(line.data).filter(([, value]) => value !== null));
  const type = given.get('type');
  const schema = typeof type === 'string' && Object.hasOwn(schemas, type) ? schemas[type] : undefined;
  if (!schema) return { ok: false, problem: whatIsWrong('type', given) };
  const parsed = schema.safeParse(Object.fromEntries(given));
  return parsed.success ? { ok: true, line: parsed.data } : { ok: false, problem: describe(parsed.error.issues, given) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describe(issues: readonly z.core.$ZodIssue[], given: ReadonlyMap<string, unknown>): string {
  const problems = issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') return `has unknown keys: ${issue.keys.map(shown).join(', ')}`;
    return issue.path.length > 0 ? whatIsWrong(String(issue.path[0]), given) : issue.message;
  });
  return [...new Set(problems)].join('; ');
}

function whatIsWrong(key: string, given: ReadonlyMap<string, unknown>): string {
  return given.has(key) ? `${key} ${takes[key]}` : `${key} is missing`;
}

/** A key of the file, fit for a terminal. */
function shown(key: string): string {
  return JSON.stringify(key.slice(0, 40).replace(/[\p{C}\p{Z}]/gu, ' '));
}

/** A lone surrogate cannot be posted by a form, so nobody could ever sign in with it. */
function isTypeable(password: string): boolean {
  return password !== '' && Buffer.byteLength(password) <= 1024 && !/\p{Cs}/u.test(password);
}
