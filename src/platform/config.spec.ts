import { ConfigurationError, loadConfig } from './config.js';

const key = Buffer.alloc(32, 7).toString('base64');
const otherKey = Buffer.alloc(32, 8).toString('base64');
const production = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgresql://db/gatehouse',
  PUBLIC_URL: 'https://door.example.com',
  SECRET_KEYS: `a:${key}`,
};

describe('the configuration', () => {
  it('needs nothing', () => {
    expect(loadConfig({})).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 3000,
      PUBLIC_URL: 'http://localhost:3000',
      DATA_DIR: './data',
      BCRYPT_COST: 12,
      TOTP_ISSUER: 'Gatehouse',
      LIMITS: 'normal',
      TRUST_PROXY: 0,
      WEB_CONCURRENCY: 1,
      UV_THREADPOOL_SIZE: 4,
      MIGRATE_ON_START: true,
      outboxAllowed: true,
      DEFAULT_COUNTRY: 'NL',
      SMS_PROVIDER: 'outbox',
      MAIL_PROVIDER: 'outbox',
    });
  });

  it('knows how many threads Node has, which takes an empty variable for one', () => {
    expect(loadConfig({ UV_THREADPOOL_SIZE: '8' }).UV_THREADPOOL_SIZE).toBe(8);
    expect(loadConfig({ UV_THREADPOOL_SIZE: '' }).UV_THREADPOOL_SIZE).toBe(1);
  });

  it('takes the public address from the port when it is not given, and an empty variable for unset', () => {
    expect(loadConfig({ PORT: '8080', PUBLIC_URL: '' }).PUBLIC_URL).toBe('http://localhost:8080');
  });

  it.each([
    ['PORT', '0'],
    ['PORT', '65536'],
    ['PORT', '3000x'],
    ['PUBLIC_URL', 'door.example.com'],
    ['PUBLIC_URL', 'ftp://door.example.com'],
    ['PUBLIC_URL', 'https://door.example.com/path'],
    ['DATABASE_URL', 'mysql://db/gatehouse'],
    ['DATABASE_URL', 'postgresql://u:s3@cr#et@db/gatehouse'],
    ['DATABASE_URL', 'postgresql://u:12#et@db/gatehouse'],
    ['DATABASE_URL', 'postgresql://u:12/et@db/gatehouse'],
    ['DATABASE_URL', 'postgresql://u:12?et@db/gatehouse'],
    ['DATABASE_URL', 'postgresql://u:se/cret@db/gatehouse'],
    ['ALLOW_EMBEDDED_DATABASE', 'yes'],
    ['SECRET_KEYS', 'a:short'],
    ['SECRET_KEYS', `a:${key},a:${otherKey}`],
    ['SECRET_KEYS', `a:${key},b:${key}`],
    ['SECRET_KEYS', `a:${Buffer.alloc(31, 1).toString('base64')}`],
    ['SECRET_KEYS', `a:${Buffer.alloc(33, 1).toString('base64')}`],
    ['SECRET_KEYS', `a:${key.slice(0, -1)}`],
    ['SECRET_KEYS', key],
    ['SECRET_KEYS', `:${key}`],
    ['SECRET_KEYS', `an id:${key}`],
    ['SECRET_KEYS', `${'a'.repeat(33)}:${key}`],
    ['SECRET_KEYS', `a:${key},`],
    ['SECRET_KEYS', ','],
    ['TOTP_ISSUER', 'Gate:house'],
    ['BCRYPT_COST', '9'],
    ['BCRYPT_COST', '16'],
    ['LIMITS', 'none'],
    ['SMS_PROVIDER', 'pigeon'],
    ['AUDIT_RETENTION_DAYS', '0'],
    ['AUDIT_RETENTION_DAYS', '3651'],
    ['SMS_DAILY_CAP', '-1'],
    ['SMS_DAILY_CAP', 'many'],
    ['VONAGE_FROM', 'A sender that is too long'],
    ['VONAGE_BASE_URL', 'http://sms.example.com'],
    ['VONAGE_BASE_URL', 'https://sms.example.com/path'],
    ['SMTP_URL', 'https://mail.example.com'],
    ['SMTP_URL', 'mail.example.com'],
    ['SMTP_URL', 'smtps://door:50%off@mail.example.com'],
    ['MAIL_FROM', 'Gatehouse'],
    ['MAIL_FROM', 'a@example.com, b@example.com'],
    ['DEFAULT_COUNTRY', 'nl'],
    ['DEFAULT_COUNTRY', 'XX'],
    ['TRUST_PROXY', 'true'],
    ['WEB_CONCURRENCY', '0'],
    ['WEB_CONCURRENCY', '65'],
    ['WEB_CONCURRENCY', '1.5'],
    ['UV_THREADPOOL_SIZE', '0'],
    ['UV_THREADPOOL_SIZE', 'many'],
    ['LOG_LEVEL', 'loud'],
    ['NODE_ENV', 'staging'],
  ])('names %s when it is %s', (name, value) => {
    expect(() => loadConfig({ [name]: value })).toThrow(ConfigurationError);
    expect(() => loadConfig({ [name]: value })).toThrow(new RegExp(`^${name} (takes|is) .+$`));
  });

  it('takes the address of a database whose name or password is escaped, and an @ in the value of a parameter', () => {
    const addresses = ['postgresql://u:s3%40cr%23et@db/gatehouse', 'postgresql:///gatehouse?host=/run/postgresql&user=u@db'];
    for (const DATABASE_URL of addresses) expect(loadConfig({ DATABASE_URL }).DATABASE_URL).toBe(DATABASE_URL);
    expect(() => loadConfig({ DATABASE_URL: 'postgresql://u:hush#hush@db/gatehouse' })).toThrow(/^DATABASE_URL takes (?!.*hush).*%23/);
  });

  it('refuses the embedded database in production unless it is allowed', () => {
    expect(() => loadConfig({ NODE_ENV: 'production' })).toThrow(/^DATABASE_URL /);
    expect(loadConfig({ NODE_ENV: 'production', ALLOW_EMBEDDED_DATABASE: 'true' }).outboxAllowed).toBe(false);
  });

  it('is never half of what Vonage needs', () => {
    const vonage = { SMS_PROVIDER: 'vonage', VONAGE_API_KEY: 'key', VONAGE_API_SECRET: 'secret', VONAGE_FROM: 'Gatehouse' };
    expect(loadConfig(vonage).SMS_PROVIDER).toBe('vonage');
    for (const name of ['VONAGE_API_KEY', 'VONAGE_API_SECRET', 'VONAGE_FROM']) {
      expect(() => loadConfig({ ...vonage, [name]: '' })).toThrow(new RegExp(`^${name} is required`));
    }
  });

  it('sends to the outbox where codes may be shown, and nothing elsewhere', () => {
    for (const NODE_ENV of ['development', 'test'])
      expect(loadConfig({ NODE_ENV, PUBLIC_URL: 'https://door.example.com' })).toMatchObject({
        SMS_PROVIDER: 'outbox',
        MAIL_PROVIDER: 'outbox',
      });
    for (const environment of [production, { PUBLIC_URL: 'https://door.example.com' }, { PUBLIC_URL: 'http://door.example.com' }])
      expect(loadConfig(environment)).toMatchObject({ SMS_PROVIDER: 'none', MAIL_PROVIDER: 'none', outboxAllowed: false });
  });

  it('takes only a host that leaves room for the words of a code by SMS', () => {
    const PUBLIC_URL = `https://${'long.'.repeat(15)}example.com`;
    expect(() => loadConfig({ NODE_ENV: 'test', PUBLIC_URL })).toThrow(/^PUBLIC_URL takes a host of at most 70 characters/);
    expect(loadConfig({ PUBLIC_URL }).SMS_PROVIDER).toBe('none');
  });

  it('takes another address of Vonage, without https on this machine alone', () => {
    expect(loadConfig({ VONAGE_BASE_URL: 'https://sms.example.com/' }).VONAGE_BASE_URL).toBe('https://sms.example.com');
    expect(loadConfig({ VONAGE_BASE_URL: 'http://127.0.0.1:4010' }).VONAGE_BASE_URL).toBe('http://127.0.0.1:4010');
  });

  it('sends mail by SMTP only together with the address that it comes from', () => {
    const smtp = { SMTP_URL: 'smtps://user:password@mail.example.com', MAIL_FROM: 'Gatehouse <door@example.com>' };
    expect(loadConfig(smtp).MAIL_PROVIDER).toBe('smtp');
    expect(() => loadConfig({ ...smtp, MAIL_FROM: '' })).toThrow(/^MAIL_FROM is required/);
  });

  it('is not Vonage configured and nothing sent through it', () => {
    const vonage = { VONAGE_API_KEY: 'key', VONAGE_API_SECRET: 'secret', VONAGE_FROM: '+31970102030' };
    expect(() => loadConfig({ ...production, ...vonage })).toThrow(/^SMS_PROVIDER is required with VONAGE_API_KEY/);
    expect(loadConfig({ ...production, ...vonage, SMS_PROVIDER: 'none' }).SMS_PROVIDER).toBe('none');
    expect(loadConfig({ ...production, ...vonage, SMS_PROVIDER: 'vonage' }).VONAGE_FROM).toBe('31970102030');
    expect(loadConfig(vonage).SMS_PROVIDER).toBe('outbox');
  });

  it('requires the keys in production', () => {
    expect(() => loadConfig({ ...production, SECRET_KEYS: '' })).toThrow(/^SECRET_KEYS /);
    expect(loadConfig(production).SECRET_KEYS).toHaveLength(1);
  });

  it.each([
    ['LIMITS', 'relaxed'],
    ['SMS_PROVIDER', 'outbox'],
  ])('refuses %s=%s where codes must not be shown', (name, value) => {
    expect(() => loadConfig({ ...production, [name]: value })).toThrow(new RegExp(`^${name} `));
    expect(() => loadConfig({ PUBLIC_URL: 'https://door.example.com', [name]: value })).toThrow(new RegExp(`^${name} `));
    expect(() => loadConfig({ [name]: value })).not.toThrow();
  });
});
