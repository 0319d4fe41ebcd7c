import { after, hours, SystemClock } from '../../src/platform/clock.js';
import { loadConfig } from '../../src/platform/config.js';
import { type Database, openDatabase } from '../../src/platform/database.js';
import { type CommandLine, openCommandLine } from '../support/command-line.js';

const acme = { type: 'organization', slug: 'acme', name: 'Acme', twoFactorRequired: true, smsAllowed: false };
const user = {
  type: 'user',
  organization: 'acme',
  role: 'OWNER',
  password: 'a password of hers',
  totpSecret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
};
const people = [
  { ...user, username: 'Olga', name: 'Olga', email: 'olga@acme.test' },
  { ...user, username: 'ott', name: 'Ott' },
];

describe('gatehouse reset-two-factor', () => {
  let commandLine: CommandLine;
  beforeAll(async () => {
    commandLine = await openCommandLine();
    const input = [acme, ...people].map((line) => `${JSON.stringify(line)}\n`).join('');
    expect(await commandLine.run(['import', '-'], { input })).toMatchObject({ code: 0 });
  }, 180_000);
  afterAll(() => commandLine.close());

  /** The database between two processes. */
  const at = async <Result>(use: (database: Database) => Promise<Result>): Promise<Result> => {
    const { database, close } = await openDatabase(loadConfig({ ...commandLine.settings }));
    return use(database).finally(close);
  };

  it('resets a member, and asks for a new password by mail', async () => {
    const stdout = '{"reset":"Olga","newPassword":true}\n';
    expect(await commandLine.run(['reset-two-factor', ' olga ', '--json'])).toEqual({ code: 0, stdout, stderr: '' });
  });

  it('leaves the mail to the server, as every command leaves what waits there and what is due', async () => {
    const waiting = ({ mailMessage, outboxMessage, twoFactorReminder }: Database) =>
      Promise.all([
        mailMessage.findMany({ orderBy: { id: 'asc' }, select: { id: true, attempts: true, failedAt: true } }),
        outboxMessage.count(),
        twoFactorReminder.count(),
      ]);
    const before = await at(async (database) => {
      await database.organization.updateMany({ data: { twoFactorFrom: after(new SystemClock().now(), hours(24 * 5)) } });
      return waiting(database);
    });
    const queued = { attempts: 0, failedAt: null };
    expect(before).toEqual([[expect.objectContaining(queued), expect.objectContaining(queued)], 0, 0]);
    expect(await commandLine.run(['audit', 'verify'])).toMatchObject({ code: 0 });
    expect(await at(waiting)).toEqual(before);
  });

  it('keeps the password where no link can be sent, or where it is told to', async () => {
    const stdout =
      'ott has no second factor and no session left; the password stays: the profile has no e-mail address that a link to a new one could be sent to\n';
    expect(await commandLine.run(['reset-two-factor', 'ott'])).toEqual({ code: 0, stdout, stderr: '' });
    const kept = '{"reset":"Olga","newPassword":false}\n';
    expect(await commandLine.run(['reset-two-factor', 'olga', '--keep-password', '--json'])).toEqual({ code: 0, stdout: kept, stderr: '' });
  });

  it('refuses a name that nobody has, in one line', async () => {
    const stderr = 'gatehouse: nobody has the username "nobody"\n';
    expect(await commandLine.run(['reset-two-factor', 'nobody'])).toEqual({ code: 1, stdout: '', stderr });
  });

  it.each([[['reset-two-factor']], [['reset-two-factor', 'olga', '--keep']], [['unlock', 'olga', '--keep-password']]])(
    'says how it is used: %j',
    async (given) => {
      const { code, stderr } = await commandLine.run(given);
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /^gatehouse: usage: gatehouse (reset-two-factor USERNAME \[--keep-password\]|unlock USERNAME) \[--keys-lost\] \[--json\]\n$/,
      );
    },
  );
});
