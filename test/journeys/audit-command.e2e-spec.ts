import { type CommandLine, openCommandLine } from '../support/command-line.js';

const acme = { type: 'organization', slug: 'acme', name: 'Acme', twoFactorRequired: false, smsAllowed: false };
const olga = { type: 'user', organization: 'acme', username: 'olga', name: 'Olga', role: 'OWNER', password: 'a password of hers' };

describe('gatehouse audit verify', () => {
  let commandLine: CommandLine;
  beforeAll(async () => {
    commandLine = await openCommandLine();
    await commandLine.run(['migrate']);
    const input = [acme, olga].map((line) => `${JSON.stringify(line)}\n`).join('');
    expect(await commandLine.run(['import', '-'], { input })).toMatchObject({ code: 0 });
    expect(await commandLine.run(['unlock', 'olga'])).toMatchObject({ code: 0 });
  }, 180_000);
  afterAll(() => commandLine.close());

  it('says that the record is whole', async () => {
    const stdout = '{"organizations":1,"records":3,"broken":null}\n';
    expect(await commandLine.run(['audit', 'verify', '--json'])).toEqual({ code: 0, stdout, stderr: '' });
    expect(await commandLine.run(['audit', 'verify'])).toEqual({ code: 0, stdout: '3 records of 1 chains are whole\n', stderr: '' });
  });

  it('names the first break, and exits with 1: with another key, nothing fits', async () => {
    const environment = { SECRET_KEYS: `other:${Buffer.alloc(32, 1).toString('base64')}` };
    const { code, stderr } = await commandLine.run(['audit', 'verify'], { environment });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'gatehouse: the audit of acme is broken at record 0: the ends of the chain were changed\n',
    });
  });

  it.each([[['audit']], [['audit', 'mend']]])('says how it is used: %j', async (given) => {
    expect(await commandLine.run(given)).toEqual({ code: 2, stdout: '', stderr: 'gatehouse: usage: gatehouse audit verify [--json]\n' });
  });
});
