/** Every variable by itself: what it takes, and how it is read. What they mean together is in config.ts. */
import { z } from 'zod';
import { isLoopback } from './loopback.js';
import { type CountryCode, isCountry } from './phone-number.js';
import { parseSecretKeys, type SecretKey } from './secret-keys.js';

const wholeNumber = (from: number, to: number) => {
  const takes = `takes a whole number from ${from} to ${to}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, takes)
    .transform(Number)
    .refine((value) => value >= from && value <= to, takes);
};

const yesOrNo = (otherwise: 'true' | 'false') =>
  z
    .enum(['true', 'false'], 'takes true or false')
    .default(otherwise)
    .transform((value) => value === 'true');

const databaseAddress = 'takes a postgresql:// address in which / ? # @ : % in a name or password are written as %2F %3F %23 %40 %3A %25';
const httpAddress = 'takes an address such as https://door.example.com, without a path';
const vonageAddress = 'takes an https address without a path; http only on this machine';

export const configSchema = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production'], 'takes development, test or production').optional(),
  HOST: z
    .string()
    .regex(/^[\w.:-]+$/, 'takes an address to listen on, such as 127.0.0.1 or 0.0.0.0')
    .default('127.0.0.1'),
  PORT: wholeNumber(1, 65535).default(3000),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: httpAddress })
    .refine(hasNoPath, { error: httpAddress, abort: true })
    .transform((url) => new URL(url).origin),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: databaseAddress })
    .refine(hasWholeAccount, databaseAddress)
    .optional(),
  DATA_DIR: z.string().default('./data'),
  ALLOW_EMBEDDED_DATABASE: yesOrNo('false'),
  MIGRATE_ON_START: yesOrNo('true'),
  SECRET_KEYS: z.string().transform(readSecretKeys).optional(),
  TOTP_ISSUER: z
    .string()
    .regex(/^[^:\p{Cc}]{1,60}$/u, 'takes a name of at most 60 characters without a colon')
    .default('Gatehouse'),
  BCRYPT_COST: wholeNumber(10, 15).default(12),
  LIMITS: z.enum(['normal', 'relaxed'], 'takes normal or relaxed').default('normal'),
  SMS_PROVIDER: z.enum(['vonage', 'outbox', 'none'], 'takes vonage, outbox or none').optional(),
  AUDIT_RETENTION_DAYS: wholeNumber(1, 3_650).default(365),
  SMS_DAILY_CAP: wholeNumber(0, 9_999_999).optional(),
  VONAGE_API_KEY: z.string().optional(),
  VONAGE_API_SECRET: z.string().optional(),
  VONAGE_FROM: z
    .string()
    .regex(/^(\+?\d{3,15}|[\x20-\x7e]{1,11})$/, 'takes a sender of at most 11 characters, or a number of at most 15 digits')
    // Vonage writes E.164 without the plus sign.
    .transform((value) => value.replace(/^\+/, ''))
    .optional(),
  VONAGE_BASE_URL: z
    .url({ protocol: /^https?$/, error: vonageAddress })
    .refine(hasNoPath, { error: vonageAddress, abort: true })
    .refine((url) => url.startsWith('https:') || isLoopback(new URL(url).hostname), vonageAddress)
    .transform((url) => new URL(url).origin)
    .optional(),
  VONAGE_SIGNATURE_SECRET: z.string().optional(),
  DEFAULT_COUNTRY: z.string().transform(readCountry).default('NL'),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'takes an address such as smtps://user:password@mail.example.com' })
    .refine(hasReadableAccount, 'takes an address in which a % in a name or password is written as %25')
    .optional(),
  MAIL_FROM: z
    .string()
    .regex(
      /^([^<>\p{Cc}]+<[^\s<>,;"@]+@[^\s<>,;"@]+>|[^\s<>,;"@]+@[^\s<>,;"@]+)$/u,
      'takes an address such as Gatehouse <door@example.com>',
    )
    .optional(),
  TRUST_PROXY: wholeNumber(0, 10).default(0),
  WEB_CONCURRENCY: wholeNumber(1, 64).default(1),
  /** Node's own, which it reads by itself: here it is checked, and known to the gate for hashes. */
  UV_THREADPOOL_SIZE: wholeNumber(1, 1_024).default(4),
  LOG_LEVEL: z
    .enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      "takes one of pino's levels: fatal, error, warn, info, debug, trace or silent",
    )
    .default('info'),
});

export type Given = z.output<typeof configSchema>;

/**
 * A # has no place in the address of a database, and an @ behind the host only in the value of a parameter: either was meant as a
 * part of a password that ends before it, and what follows would be taken for another host, or left out.
 */
function hasWholeAccount(value: string): boolean {
  return !value.includes('#') && !/^[^/]*\/\/[^/?@]*[/?][^=]*@/.test(value);
}

function hasReadableAccount(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { username, password } = new URL(value);
  return [username, password].every((part) => !/%(?![0-9a-f]{2})/i.test(part));
}

function hasNoPath(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return url.pathname === '/' && !url.search && !url.hash && !url.username;
}

function readCountry(value: string, context: z.RefinementCtx): CountryCode {
  if (isCountry(value)) return value;
  context.addIssue('takes a country as two capital letters, such as NL');
  return z.NEVER;
}

function readSecretKeys(value: string, context: z.RefinementCtx): readonly SecretKey[] {
  const keys = parseSecretKeys(value);
  if (keys) return keys;
  context.addIssue('takes id:base64 of 32 bytes, comma-separated, each id once');
  return z.NEVER;
}
