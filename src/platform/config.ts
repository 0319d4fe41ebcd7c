/** Configuration: every variable that the operator may set, checked once before anything starts. */
import { configSchema, type Given } from './config-schema.js';
import { isLoopback } from './loopback.js';

export type Environment = Readonly<Record<string, string | undefined>>;
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

/**
 * Reads the environment. An empty variable counts as unset.
 * @throws ConfigurationError naming the first variable that is wrong
 */
export function loadConfig(environment: Environment): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  // Node's own is read by Node too, which takes an empty one for that.
  if (environment['UV_THREADPOOL_SIZE'] === '') given['UV_THREADPOOL_SIZE'] = '1';
  const parsed = configSchema.safeParse({ PUBLIC_URL: defaultAddress(given['PORT']), ...given });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ConfigurationError(String(issue?.path[0]), issue?.message ?? 'is wrong');
  }
  const config = withProviders(parsed.data);
  refuseCodesInTheOpen(config);
  refuseHalfProviders(config);
  if (config.NODE_ENV === 'production') refuseUnsafeProduction(config);
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
  return PUBLIC_URL.startsWith('http:') && isLoopback(new URL(PUBLIC_URL).hostname);
}

/** A code by SMS is bound to the host, and stays one message: more leaves no room for its words. */
export const longestSmsHost = 70;

function refuseCodesInTheOpen({ LIMITS, SMS_PROVIDER, outboxAllowed }: Config): void {
  if (outboxAllowed) return;
  const only = 'only where NODE_ENV is development or test, or PUBLIC_URL is http on this machine';
  if (LIMITS === 'relaxed') throw new ConfigurationError('LIMITS', `takes relaxed ${only}`);
  if (SMS_PROVIDER === 'outbox') throw new ConfigurationError('SMS_PROVIDER', `takes outbox ${only}`);
}

function refuseHalfProviders(config: Config): void {
  for (const variable of vonageVariables) {
    if (config.SMS_PROVIDER === 'vonage' && !config[variable])
      throw new ConfigurationError(variable, 'is required with SMS_PROVIDER=vonage');
  }
  if (config.SMS_PROVIDER !== 'none' && new URL(config.PUBLIC_URL).hostname.length > longestSmsHost)
    throw new ConfigurationError('PUBLIC_URL', `takes a host of at most ${longestSmsHost} characters where codes go by SMS`);
  if (config.SMTP_URL !== undefined && config.MAIL_FROM === undefined)
    throw new ConfigurationError('MAIL_FROM', 'is required with SMTP_URL: the address that mail comes from');
}

function refuseUnsafeProduction(config: Config): void {
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
