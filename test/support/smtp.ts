/** A real SMTP server on this machine that keeps what it is sent, and does to a mail what the test tells it. */
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { keepSecret, keepShown } from './log-watch.js';
import { ReceivedMail } from './received-mail.js';

/** What it does instead of taking a mail. A number is the SMTP status that it answers. */
type Mood = {
  readonly connection?: 'drop' | 'stall';
  readonly sender?: number;
  readonly recipient?: number;
  readonly message?: number;
};

export type SmtpServer = {
  readonly port: number;
  readonly url: string;
  readonly received: readonly ReceivedMail[];
  /** Connections so far. */
  readonly calls: number;
  behave(mood: Mood): void;
  close(): Promise<void>;
};

const refusal = (status: number) => Object.assign(new Error('not now, olga@acme.test'), { responseCode: status });
const answer = (status: number | undefined, callback: (error?: Error | null) => void) => callback(status ? refusal(status) : null);

export async function openSmtpServer(): Promise<SmtpServer> {
  const received: ReceivedMail[] = [];
  let mood: Mood = {};
  let calls = 0;
  const server: SMTPServer = new SMTPServer({
    logger: false,
    disabledCommands: ['STARTTLS', 'AUTH'],
    closeTimeout: 100,
    onConnect: (session, callback) => {
      calls += 1;
      if (mood.connection === 'drop') return drop(server, session);
      if (mood.connection !== 'stall') callback();
    },
    onMailFrom: (_, __, callback) => answer(mood.sender, callback),
    onRcptTo: (_, __, callback) => answer(mood.recipient, callback),
    onData: (stream, session, callback) => {
      void readAll(stream).then((source) => {
        if (!mood.message) received.push(receivedMail(session, source));
        answer(mood.message, callback);
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    received,
    get calls() {
      return calls;
    },
    behave: (next) => (mood = next),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

function drop(server: SMTPServer, { id }: SMTPServerSession): void {
  for (const connection of server.connections) if (connection.id === id) connection._socket.destroy();
}

function receivedMail({ envelope }: SMTPServerSession, source: string): ReceivedMail {
  const from = envelope.mailFrom ? envelope.mailFrom.address : '';
  const mail = new ReceivedMail({ from, to: envelope.rcptTo.map(({ address }) => address) }, source);
  for (const address of mail.envelope.to) keepSecret('mail address', address);
  keepShown(mail.text);
  return mail;
}

async function readAll(stream: SMTPServerDataStream): Promise<string> {
  let source = '';
  for await (const part of stream.setEncoding('utf8')) source += String(part);
  return source;
}
