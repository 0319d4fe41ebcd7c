import { hash } from 'bcrypt';
import { openServer } from '../../src/platform/database.js';
import { lease } from '../../src/mail/mail-message.store.js';
import { Browser } from '../support/browser.js';
import { openCommandLine, startServer } from '../support/command-line.js';
import { password } from '../support/people.js';
import { openSmtpServer } from '../support/smtp.js';

const acme = { type: 'organization', slug: 'acme', name: 'Acme', twoFactorRequired: false, smsAllowed: false };
const address = 'agnes@acme.test';
const until = async (isSo: () => boolean) => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
};

it('a process that is killed while mail is under way leaves it to the next one, which sends it once', async () => {
  const [smtp, commands] = await Promise.all([openSmtpServer(), openCommandLine()]);
  const settings = { ...commands.settings, SMTP_URL: smtp.url, MAIL_FROM: 'door@acme.test' };
  const agnes = { type: 'user', organization: 'acme', role: 'OWNER', username: 'agnes', name: 'Agnes', email: address };
  const lines = [acme, { ...agnes, passwordHash: await hash(password, 4) }];
  const input = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  expect(await commands.run(['import', '-'], { input })).toMatchObject({ code: 0, stderr: '' });
  const opened = openServer(commands.settings.DATABASE_URL ?? '');
  try {
    smtp.behave({ connection: 'stall' });
    const killed = await startServer({ settings }, /open at/);
    const asked = await new Browser(killed.base).visitAndSubmit('/password/forgot', 'username', { username: 'agnes' });
    expect(asked.status).toBe(200);
    await until(() => smtp.calls > 0);
    await killed.stop('SIGKILL');
    expect(await opened.database.mailMessage.findMany({ select: { attempts: true } })).toEqual([{ attempts: 1 }]);

    smtp.behave({});
    // The lease of the dead one is over.
    await opened.database.$executeRaw`UPDATE mail_messages SET next_attempt_at = next_attempt_at - ${lease} * interval '1 millisecond'`;
    const next = await startServer({ settings }, /open at/);
    await until(() => smtp.received.length > 0);
    // What is under way at a shutdown is finished: nothing more is on its way.
    await next.stop('SIGTERM');
    expect(smtp.received.map(({ envelope }) => envelope.to)).toEqual([[address]]);
    expect(smtp.received[0]?.text).toMatch(/\/password\/reset\?token=/);
    expect(await opened.database.mailMessage.count()).toBe(0);
  } finally {
    await opened.close();
    await commands.close();
    await smtp.close();
  }
});
