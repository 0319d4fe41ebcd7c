/** Configuration: every variable that the operator may set, checked once before anything starts. */
import { z } from 'zod';
import { type CountryCode, isCountry } from './phone-number.js';
import { parseSecretKeys, type SecretKey } from './secret-keys.js';

export type Environment = Readonly<Record<string, string | undefined>>;
type Given = z.output<typeof settings>;
export type Config = Readonly<Given> & {
  readonly outboxAllowed: boolean;
  readonly SMS_PROVIDER: 'vonage' | 'outbox' | 'none';
  readonly MAIL_PROVIDER: 'smtp' | 'outbox' | 'none';
};

/** A variable that is missing or wrong. The message is one line: the name, and what it takes. */
export class ConfigurationError extends Error {
  readonly code = 'CONFIGURATION';
  constructor(variable: string, takes: string) {
    super(`${variable} ${takes}`);
  }
}

const wholeNumber = (from: number, to: number) => {
  const takes = `takes a whole number from ${from} to ${to}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, takes)
    .transform(Number)
    .refine((value) => value >= from && value <= to, takes);
};

const yesOrNo = z
  .enum(['true', 'false'], 'takes true or false')
  .default('false')
  .transform((value) => value === 'true');

const httpAddress = 'takes an address such as https://door.example.com, without a path';
const vonageAddress = 'takes an https address without a path; http only on this machine';

const settings = z.object({
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
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'takes a postgresql:// address' }).optional(),
  DATA_DIR: z.string().default('./data'),
  ALLOW_EMBEDDED_DATABASE: yesOrNo,
  MIGRATE_ON_START: z
    .enum(['true', 'false'], 'takes true or false')
    .default('true')
    .transform((value) => value === 'true'),
  SECRET_KEYS: z.string().transform(readSecretKeys).optional(),
  TOTP_ISSUER: z
    .string()
    .regex(/^[^:\p{Cc}]{1,60}$/u, 'takes a name of at most 60 characters without a colon')
    .default('Gatehouse'),
  BCRYPT_COST: wholeNumber(10, 15).default(12),
  LIMITS: z.enum(['normal', 'relaxed'], 'takes normal or relaxed').default('normal'),
  SMS_PROVIDER: z.enum(['vonage', 'outbox', 'none'], 'takes vonage, outbox or none').optional(),
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
    .refine((url) => url.startsWith('https:') || isOnThisMachine(url), vonageAddress)
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
  LOG_LEVEL: z
    .enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      "takes one of pino's levels: fatal, error, warn, info, debug, trace or silent",
    )
    .default('info'),
});

/**
 * Reads the environment. An empty variable counts as unset.
 * @throws ConfigurationError naming the first variable that is wrong
 */
export function loadConfig(environment: Environment): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = settings.safeParse({ PUBLIC_URL: defaultAddress(given['PORT']), ...given });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ConfigurationError(String(issue?.path[0]), issue?.message ?? 'is wrong');
  }
  const config = withProviders(parsed.data);
  refuseUnsafeCombinations(config);
  return config;
}

const vonageVariables = ['VONAGE_API_KEY', 'VONAGE_API_SECRET', 'VONAGE_FROM'] as const;

/** @throws ConfigurationError where Vonage is configured and nothing would be sent through it */
function withProviders(given: Given): Config {
  const outboxAllowed = isOutboxAllowed(given);
  const configured = vonageVariables.find((variable) => given[variable] !== undefined);
  if (configured && !outboxAllowed && given.SMS_PROVIDER === undefined)
    throw new ConfigurationError('SMS_PROVIDER', `is required with ${configured}: vonage, or none`);
  const fallback = outboxAllowed ? 'outbox' : 'none';
  return {
    ...given,
    outboxAllowed,
    SMS_PROVIDER: given.SMS_PROVIDER ?? fallback,
    MAIL_PROVIDER: given.SMTP_URL === undefined ? fallback : 'smtp',
  };
}

/** Codes may be shown on a page only where nobody but the developer can be looking. */
function isOutboxAllowed({ NODE_ENV, PUBLIC_URL }: Given): boolean {
  if (NODE_ENV !== undefined) return NODE_ENV !== 'production';
  return PUBLIC_URL.startsWith('http:') && isOnThisMachine(PUBLIC_URL);
}

function isOnThisMachine(url: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}

/** A code by SMS is bound to the host, and stays one message: more leaves no room for its words. */
export const longestSmsHost = 70;

function refuseUnsafeCombinations(config: Config): void {
  if (config.LIMITS === 'relaxed' && !config.outboxAllowed) {
    throw new ConfigurationError(
      'LIMITS',
      'takes relaxed only where NODE_ENV is development or test, or PUBLIC_URL is http on this machine',
    );
  }
  if (config.SMS_PROVIDER === 'outbox' && !config.outboxAllowed) {
    throw new ConfigurationError(
      'SMS_PROVIDER',
      'takes outbox only where NODE_ENV is development or test, or PUBLIC_URL is http on this machine',
    );
  }
  for (const variable of vonageVariables) {
    if (config.SMS_PROVIDER === 'vonage' && !config[variable])
      throw new ConfigurationError(variable, 'is required with SMS_PROVIDER=vonage');
  }
  if (config.SMS_PROVIDER !== 'none' && new URL(config.PUBLIC_URL).hostname.length > longestSmsHost)
    throw new ConfigurationError('PUBLIC_URL', `takes a host of at most ${longestSmsHost} characters where codes go by SMS`);
  if (config.SMTP_URL !== undefined && config.MAIL_FROM === undefined)
    throw new ConfigurationError('MAIL_FROM', 'is required with SMTP_URL: the address that mail comes from');
  if (config.NODE_ENV !== 'production') return;
  if (!config.DATABASE_URL && !config.ALLOW_EMBEDDED_DATABASE) {
    throw new ConfigurationError(
      'DATABASE_URL',
      'is required with NODE_ENV=production: a postgresql:// address, or set ALLOW_EMBEDDED_DATABASE=true to run on the embedded database',
    );
  }
  if (config.DATABASE_URL && !config.SECRET_KEYS) {
    throw new ConfigurationError(
      'SECRET_KEYS',
      'is required with DATABASE_URL and NODE_ENV=production: id:base64 of 32 bytes, comma-separated',
    );
  }
}

/** A port that is no port is named as such, not as a wrong address made from it. */
function defaultAddress(port = '3000'): string {
  const address = `http://localhost:${port}`;
  return URL.canParse(address) ? address : 'http://localhost:3000';
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
