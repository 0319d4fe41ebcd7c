/** What a mail says, what goes out, and the port that takes it there. */

/** Words and facts; how they look in text and HTML is for views/mail/. */
export type MailContent = {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  readonly facts?: readonly { readonly label: string; readonly value: string }[];
  readonly link?: { readonly href: string; readonly text: string };
  /** One of many that go out at once: behind all that somebody may be waiting for. */
  readonly isBulk?: boolean;
};

export type OutgoingMail = {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
};

export abstract class MailTransport {
  /**
   * @param giveUp ends what takes too long
   * @throws MailNotSentError
   */
  abstract send(mail: OutgoingMail, giveUp: AbortSignal): Promise<void>;
}

type Reason = { readonly isPermanent: boolean; readonly code?: string; readonly smtpStatus?: number };

/** Neither the message nor the fields quote the mail or the server: this is logged. */
export class MailNotSentError extends Error {
  readonly code: string;
  readonly smtpStatus: number | undefined;
  /** Another try would end in the same way. */
  readonly isPermanent: boolean;

  constructor({ isPermanent, code = 'MAIL_NOT_SENT', smtpStatus }: Reason) {
    super('the mail was not taken');
    this.code = code;
    this.smtpStatus = smtpStatus;
    this.isPermanent = isPermanent;
  }
}
