/** Mail by SMTP. */
import { domainToASCII } from 'node:url';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { z } from 'zod';
import type { Clock } from '../platform/clock.js';
import { isSafeToSend, type Mailbox, mailboxOf } from './domain/mail-fields.js';
import { MailNotSentError, MailTransport, type OutgoingMail } from './mail.js';
import { smtpOptions } from './smtp-options.js';

type Server = { readonly SMTP_URL: string; readonly MAIL_FROM: string };

export class SmtpTransport extends MailTransport {
  private readonly transporter;
  private readonly from: Mailbox;

  constructor(
    { SMTP_URL, MAIL_FROM }: Server,
    private readonly clock: Clock,
  ) {
    super();
    this.transporter = createTransport(smtpOptions(SMTP_URL));
    this.from = mailboxOf(MAIL_FROM);
  }

  async send(mail: OutgoingMail, giveUp: AbortSignal): Promise<void> {
    if (!isSafeToSend(mail)) throw new MailNotSentError({ isPermanent: true, code: 'MAIL_FIELDS' });
    try {
      await this.transporter.sendMail({ ...this.messageOf(mail), signal: giveUp });
    } catch (error) {
      throw failureOf(error);
    }
  }

  private messageOf({ id, to, subject, text, html }: OutgoingMail): SendMailOptions {
    return {
      from: this.from,
      // As an object: nodemailer reads a list of recipients from a text.
      to: { name: '', address: to },
      subject,
      text,
      html,
      date: this.clock.now(),
      // The same at each attempt, so that whoever gets a mail twice can tell.
      messageId: `<${id}@${domainToASCII(this.from.address.replace(/^.*@/, ''))}>`,
      // RFC 3834: no answer by a machine.
      headers: { 'Auto-Submitted': 'auto-generated' },
    };
  }
}

const smtpError = z.object({
  code: z.string().optional(),
  command: z.string().optional(),
  responseCode: z.number().optional(),
  permanent: z.boolean().optional(),
});

/** A refusal of the recipient or of the message is the last word; one of the sender or of our sign-in can be put right. */
function failureOf(error: unknown): MailNotSentError {
  const { code, command, responseCode, permanent = false } = smtpError.catch({}).parse(error);
  const isPermanent = permanent && (command === 'RCPT TO' || command === 'DATA');
  return new MailNotSentError({
    isPermanent,
    ...(code !== undefined && { code }),
    ...(responseCode !== undefined && { smtpStatus: responseCode }),
  });
}
