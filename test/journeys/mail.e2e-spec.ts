import { Controller, Inject, Module, Post } from '@nestjs/common';
import { AppModule } from '../../src/app.module.js';
import { createApp } from '../../src/app.setup.js';
import { Mail } from '../../src/mail/mail.service.js';
import type { MailContent } from '../../src/mail/mail.js';
import { MailDelivery } from '../../src/mail/mail-delivery.service.js';
import { lease, MailMessageStore } from '../../src/mail/mail-message.store.js';
import { MailModule } from '../../src/mail/mail.module.js';
import { hours, minutes, seconds } from '../../src/platform/clock.js';
import { loadConfig } from '../../src/platform/config.js';
import { Database, openServer } from '../../src/platform/database.js';
import { Log } from '../../src/platform/log.js';
import { Settings } from '../../src/platform/settings.js';
import { Sweeper } from '../../src/platform/sweeper.js';
import { OpenToEveryone } from '../../src/sessions/open-to.js';
import { Browser, formOf } from '../support/browser.js';
import { type Door, freePort, openDoor, secretKeys } from '../support/door.js';
import { openSmtpServer, type SmtpServer } from '../support/smtp.js';

const to = 'olga@acme.test';
const content: MailContent = {
  subject: 'Your phone number was changed',
  paragraphs: ['Somebody changed the phone number of your account at Müller & <Söhne>.'],
  facts: [{ label: 'New number', value: 'ends in 78' }],
  link: { href: 'https://door.example.com/profile/details?a=1&b=2', text: 'Look at your details' },
};

const everyTimerButIntervals = [
  'Date',
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setTimeout',
  'clearTimeout',
] as const;

describe('mail', () => {
  let smtp: SmtpServer;
  let door: Door;
  let log: string[];
  beforeEach(async () => {
    smtp = await openSmtpServer();
    log = [];
    door = await openDoor({ environment: environment(), readLog });
  });
  afterEach(async () => {
    await door.close();
    await smtp.close();
  });

  const environment = () => ({ SMTP_URL: smtp.url, MAIL_FROM: 'Gätehouse, Inc. <door@example.com>' });
  const readLog = (line: string) => void log.push(line);
  const logged = () => log.map((line) => JSON.parse(line) as Record<string, unknown>);
  const queue = (given: MailContent = content, address = to) =>
    door.database.$transaction((transaction) => door.app.get(Mail).queue(transaction, address, given));
  const deliver = ({ app }: Door = door) => app.get(MailDelivery).deliverDue();
  const rows = () => door.database.mailMessage.findMany();
  /** Waits less than the timer does. */
  const arrived = async () => {
    for (let waits = 0; waits < 500 && smtp.received.length === 0; waits += 1) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(smtp.received).toHaveLength(1);
  };
  const nextDoor = () => openDoor({ environment: environment(), readLog, database: door.database, clock: door.clock });

  it('arrives with a text and an HTML part, and leaves no row', async () => {
    await queue();
    const [row] = await rows();
    await deliver();
    expect(smtp.received).toHaveLength(1);
    const [mail] = smtp.received;
    expect(mail?.envelope).toEqual({ from: 'door@example.com', to: [to] });
    expect(mail?.header('From')).toBe('Gätehouse, Inc. <door@example.com>');
    expect(mail?.header('To')).toBe(to);
    expect(mail?.header('Subject')).toBe('Your phone number was changed');
    expect(mail?.header('Message-ID')).toBe(`<${row?.id}@example.com>`);
    expect(mail?.header('Date')).toBe('Tue, 24 Nov 2026 12:00:15 +0000');
    expect(mail?.header('Auto-Submitted')).toBe('auto-generated');
    expect(mail?.header('Content-Type')).toMatch(/^multipart\/alternative/);
    expect(mail?.text).toMatch(/at Müller & <Söhne>\.\r?\n\r?\nNew number: ends in 78\r?\n/);
    expect(mail?.text).toContain('details?a=1&b=2');
    expect(mail?.text).toContain(`Sent by Gatehouse at ${door.base}.`);
    expect(mail?.html).toContain('Müller &amp; &lt;Söhne&gt;');
    expect(mail?.html).toContain('href="https://door.example.com/profile/details?a=1&amp;b=2"');
    expect(mail?.html).not.toMatch(/<img|<link|src=|url\(/);
    expect(await rows()).toEqual([]);
  });

  it('says a subject in any script', async () => {
    const subject = 'Ihr Schlüssel für Größenwahn – 鍵が変更されました, und das ist noch lange nicht alles, was hier steht';
    await queue({ subject, paragraphs: ['…'] });
    await deliver();
    expect(smtp.received[0]?.header('Subject')).toBe(subject);
  });

  it('is not sent when the change that it tells of is rolled back', async () => {
    const failing = door.database.$transaction(async (transaction) => {
      await door.app.get(Mail).queue(transaction, to, content);
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    await deliver();
    expect(smtp.calls).toBe(0);
  });

  it('stands in the database encrypted', async () => {
    await queue();
    const [row] = await rows();
    expect(row?.content).toMatch(/^v1\./);
    expect(JSON.stringify(row)).not.toMatch(/olga|phone/);
  });

  describe('that is not taken', () => {
    it.each([
      ['the message for now', { message: 451 }],
      ['the recipient for now', { recipient: 450 }],
      ['the sender', { sender: 550 }],
      ['the connection', { connection: 'drop' }],
    ] as const)('is tried again after a minute and not before, when the server refuses %s', async (_, mood) => {
      smtp.behave(mood);
      await queue();
      await deliver();
      smtp.behave({});
      const calls = smtp.calls;
      door.clock.turn(seconds(59));
      await deliver();
      expect(smtp.calls).toBe(calls);
      door.clock.turn(seconds(1));
      await deliver();
      expect(smtp.received).toHaveLength(1);
      expect(logged().find(({ msg }) => msg === 'mail failed')).toMatchObject({ attempt: 1, givenUp: false });
    });

    it('has the same Message-ID at every attempt', async () => {
      await queue();
      const [row] = await rows();
      for (const status of [451, 451, undefined]) {
        smtp.behave(status ? { message: status } : {});
        await deliver();
        door.clock.turn(minutes(5));
      }
      expect(smtp.received[0]?.header('Message-ID')).toBe(`<${row?.id}@example.com>`);
    });

    it('is given up after seven attempts over 17 hours', async () => {
      smtp.behave({ message: 451 });
      await queue();
      for (const wait of [0, minutes(1), minutes(5), minutes(15), minutes(60), hours(4), hours(12)]) {
        expect((await rows())[0]?.failedAt).toBeNull();
        door.clock.turn(wait);
        await deliver();
      }
      expect(smtp.calls).toBe(7);
      expect((await rows())[0]?.failedAt).toEqual(door.clock.now());
      door.clock.turn(hours(24));
      await deliver();
      expect(smtp.calls).toBe(7);
      expect(logged().filter(({ msg, givenUp }) => msg === 'mail failed' && givenUp)).toHaveLength(1);
    });

    it.each([
      ['the recipient', { recipient: 550 }],
      ['the message', { message: 554 }],
    ] as const)('is given up at once when the server refuses %s for good, and forgotten after a week', async (_, mood) => {
      smtp.behave(mood);
      await queue();
      await deliver();
      expect((await rows())[0]?.failedAt).toEqual(door.clock.now());
      smtp.behave({});
      door.clock.turn(hours(24));
      await deliver();
      expect(smtp.calls).toBe(1);
      door.clock.turn(hours(24 * 6) - 1);
      await door.app.get(Sweeper).sweepAll();
      expect(await rows()).toHaveLength(1);
      door.clock.turn(1);
      await door.app.get(Sweeper).sweepAll();
      expect(await rows()).toEqual([]);
    });

    it('does not keep the rest waiting for a server that says nothing', async () => {
      smtp.behave({ connection: 'stall' });
      await queue();
      const stalled = deliver();
      while (smtp.calls === 0) await new Promise(setImmediate);
      smtp.behave({});
      expect((await door.browser().get('/login')).status).toBe(200);
      await stalled;
      expect((await rows())[0]?.nextAttemptAt).toEqual(new Date(door.clock.now().getTime() + minutes(1)));
    });
  });

  it.each([
    ['address', content, 'olga@acme.test\r\nRCPT TO:<eve@evil.test>'],
    ['subject', { ...content, subject: 'Hello\r\nBcc: eve@evil.test' }, to],
  ])('with a line break in its %s never reaches the server', async (_, given, address) => {
    await queue(given, address);
    await deliver();
    expect(smtp.calls).toBe(0);
    expect((await rows())[0]?.failedAt).not.toBeNull();
  });

  it('that is left over is sent by the next start', async () => {
    smtp.behave({ message: 451 });
    await queue();
    await deliver();
    await door.close();
    smtp.behave({});
    door.clock.turn(minutes(1));
    door = await nextDoor();
    await deliver();
    expect(smtp.received).toHaveLength(1);
  });

  it('of a process that died is taken over when its lease is over', async () => {
    await queue();
    expect(await door.app.get(MailMessageStore).claimDue(5)).toHaveLength(1);
    door.clock.turn(lease - 1);
    await deliver();
    expect(smtp.calls).toBe(0);
    door.clock.turn(1);
    await deliver();
    expect(smtp.received).toHaveLength(1);
  });

  it('is given up after seven attempts, also where each of their processes died', async () => {
    const abandon = async (times: number) => {
      for (let count = 0; count < times; count += 1) {
        expect(await door.app.get(MailMessageStore).claimDue(5)).toHaveLength(1);
        door.clock.turn(lease);
      }
    };
    await queue();
    await abandon(6);
    await deliver();
    expect(smtp.received).toHaveLength(1);
    await queue();
    await abandon(7);
    await deliver();
    expect((await rows())[0]?.failedAt).toEqual(door.clock.now());
    door.clock.turn(hours(24));
    await deliver();
    expect(smtp.calls).toBe(1);
    const failures = logged().filter(({ msg }) => msg === 'mail failed');
    expect(failures).toMatchObject([{ attempt: 7, givenUp: true, code: 'MAIL_ABANDONED' }]);
  });

  it('is delivered once by two copies on one database', async () => {
    const other = await nextDoor();
    const subjects = Array.from({ length: 24 }, (_, index) => `Mail ${index}`);
    await Promise.all(subjects.map((subject) => queue({ subject, paragraphs: ['…'] })));
    await Promise.all([deliver(door), deliver(other)]);
    expect(smtp.received.map((mail) => mail.header('Subject')).sort()).toEqual([...subjects].sort());
    expect(await rows()).toEqual([]);
    await other.close();
  });

  it('that somebody waits for goes ahead of what goes out to many at once, whichever was first', async () => {
    const subjects = Array.from({ length: 12 }, (_, index) => `To many ${index}`);
    for (const subject of subjects) await queue({ subject, paragraphs: ['…'], isBulk: true });
    door.clock.turn(minutes(1));
    await queue();
    await deliver();
    expect(smtp.received.map((mail) => mail.header('Subject')).slice(0, 2)).toEqual([content.subject, expect.stringMatching(/^To many/)]);
    expect(smtp.received).toHaveLength(13);
  });

  it('is claimed once, by however many claim at the same moment', async () => {
    // The door's own look, which comes every now and then, would claim some.
    await deliver();
    const own = jest.spyOn(door.app.get(MailDelivery), 'deliverDue').mockResolvedValue();
    for (let round = 0; round < 10; round += 1) {
      await Promise.all([queue(), queue(), queue()]);
      const claims = await Promise.all(Array.from({ length: 8 }, () => door.app.get(MailMessageStore).claimDue(5)));
      expect(claims.flat()).toHaveLength(3);
    }
    own.mockRestore();
  });

  it('is finished before the door is closed', async () => {
    await queue();
    void deliver();
    await door.close();
    expect(smtp.received).toHaveLength(1);
    expect(await rows()).toEqual([]);
    door = await nextDoor();
  });

  it('leaves nothing of its address and its words in the log', async () => {
    for (const mood of [{}, { message: 451 }, { recipient: 550 }, { connection: 'drop' }] as const) {
      smtp.behave(mood);
      await queue();
      await deliver();
    }
    await queue(content, 'olga@acme.test\r\neve@evil.test');
    await deliver();
    expect(logged().filter(({ msg }) => msg === 'mail sent')).toHaveLength(1);
    expect(logged().filter(({ msg }) => msg === 'mail failed')).toHaveLength(4);
    expect(logged().find(({ smtpStatus }) => smtpStatus === 550)).toMatchObject({ error: 'Error', givenUp: true });
    expect(log.join('')).not.toMatch(/olga|acme|eve@|phone|number/i);
  });

  it('waits, and says so, while the database is away', async () => {
    const away = openServer('postgresql://127.0.0.1:1/nothing');
    const lonely = await openDoor({ environment: environment(), readLog, database: away.database });
    await deliver(lonely);
    expect(logged().filter(({ msg }) => msg === 'mail delivery interrupted').length).toBeGreaterThan(0);
    await lonely.close();
    await away.close();
  });

  it('goes to the outbox where there is no mail server, and nowhere in production', async () => {
    const outbox = await openDoor({ database: door.database });
    await outbox.database.$transaction((transaction) => outbox.app.get(Mail).queue(transaction, to, content));
    await deliver(outbox);
    expect(await door.database.outboxMessage.findMany()).toMatchObject([{ channel: 'MAIL', to, subject: content.subject }]);
    await outbox.close();
    const production = { NODE_ENV: 'production', ALLOW_EMBEDDED_DATABASE: 'true' };
    const none = await openDoor({ database: door.database, environment: production, readLog });
    await none.database.$transaction((transaction) => none.app.get(Mail).queue(transaction, to, content));
    expect(await rows()).toEqual([]);
    expect(logged().find(({ msg }) => msg === 'no mail is sent: set SMTP_URL and MAIL_FROM')).toMatchObject({ level: 40 });
    await none.close();
    expect(smtp.calls).toBe(0);
  });

  it('that a request queued is sent after its answer, without waiting for the timer', async () => {
    const { app, base } = await openHouseThatTells(door, environment());
    const browser = new Browser(base);
    const { values } = formOf(await browser.get('/login'), 'password');
    expect((await browser.send('POST', '/changes', new URLSearchParams(values))).status).toBe(201);
    await arrived();
    await app.close();
  });

  it('that was queued outside of a request is found within 15 seconds', async () => {
    jest.useFakeTimers({ doNotFake: [...everyTimerButIntervals] });
    const timed = await nextDoor();
    await queue();
    jest.advanceTimersByTime(seconds(15) - 1);
    expect(smtp.calls).toBe(0);
    jest.advanceTimersByTime(1);
    await arrived();
    await timed.close();
    jest.useRealTimers();
  });
});

/** A whole Gatehouse with one more route, that tells of a change by mail. */
async function openHouseThatTells({ database, clock }: Door, environment: Readonly<Record<string, string>>) {
  const port = await freePort();
  const settings = new Settings(loadConfig({ NODE_ENV: 'test', PORT: String(port), ...environment }));
  const log = new Log('silent');
  @Controller('changes')
  class Changes {
    constructor(
      @Inject(Database) private readonly changed: Database,
      @Inject(Mail) private readonly mail: Mail,
    ) {}

    @Post()
    @OpenToEveryone()
    change(): Promise<void> {
      return this.changed.$transaction((transaction) => this.mail.queue(transaction, to, content));
    }
  }
  const foundation = { settings, database, secretKeys, clock, log };
  @Module({ imports: [AppModule.on(foundation), MailModule], controllers: [Changes] })
  class House {}
  const app = await createApp(House, settings, log);
  await app.listen(port, '127.0.0.1');
  return { app, base: `http://localhost:${port}` };
}
