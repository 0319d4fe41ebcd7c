/** A mail's words as text and as HTML. */
import { Inject, Injectable } from '@nestjs/common';
import nunjucks from 'nunjucks';
import { viewsDirectory } from '../platform/package-root.js';
import { Settings } from '../platform/settings.js';
import type { MailContent, OutgoingMail } from './mail.js';

@Injectable()
export class MailViews {
  private readonly html: nunjucks.Environment;
  private readonly text: nunjucks.Environment;

  constructor(@Inject(Settings) private readonly settings: Settings) {
    // A loader each, because it keeps templates as its environment compiled them.
    this.html = new nunjucks.Environment(new nunjucks.FileSystemLoader(viewsDirectory), { autoescape: true });
    // Plain text has no markup to escape: a reader would see `&amp;`. Nothing but message.txt.njk is rendered by this one.
    const plain = { autoescape: false, trimBlocks: true, lstripBlocks: true };
    this.text = new nunjucks.Environment(new nunjucks.FileSystemLoader(viewsDirectory), plain);
  }

  render({ subject, paragraphs, facts = [], link }: MailContent): Pick<OutgoingMail, 'text' | 'html'> {
    const mail = { subject, paragraphs, facts, link, publicUrl: this.settings.config.PUBLIC_URL };
    return { text: this.text.render('mail/message.txt.njk', { mail }), html: this.html.render('mail/message.html.njk', { mail }) };
  }
}
