import { Body, Controller, Get, Inject, Post, Query } from '@nestjs/common';
import { type Answer, Redirect } from '../platform/answer.js';
import { parseForm } from '../platform/forms.js';
import { Settings } from '../platform/settings.js';
import { OpenToEveryone } from '../sessions/open-to.js';
import { Visited, type Visit } from '../sessions/visit.js';
import { PasswordForgotten } from './password-forgotten.service.js';
import { forgottenForm, forgottenKept } from './password.form.js';
import { forgottenPage, tooManyLinks } from './password.page.js';

@Controller('password/forgot')
export class PasswordForgottenController {
  private readonly hasMail: boolean;

  constructor(
    @Inject(PasswordForgotten) private readonly forgotten: PasswordForgotten,
    @Inject(Settings) settings: Settings,
  ) {
    this.hasMail = settings.config.MAIL_PROVIDER !== 'none';
  }

  @Get()
  @OpenToEveryone()
  show(@Query('sent') sent: unknown): Answer {
    return forgottenPage({ hasMail: this.hasMail, isSent: sent === 'yes' });
  }

  @Post()
  @OpenToEveryone()
  async ask(@Visited() { address }: Visit, @Body() body: unknown): Promise<Answer> {
    const { hasMail } = this;
    const form = parseForm(forgottenForm, body, forgottenKept);
    const username = form.kept['username'] ?? '';
    if (!form.ok) return forgottenPage({ hasMail, username }, { status: 422, errors: form.errors });
    const seconds = await this.forgotten.ask({ username: form.value.username, address });
    if (seconds !== undefined) return forgottenPage({ hasMail, username }, tooManyLinks(seconds));
    return new Redirect('/password/forgot?sent=yes');
  }
}
