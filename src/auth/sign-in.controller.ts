import { Body, Controller, Get, Inject, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import type { Answer } from '../platform/answer.js';
import { parseForm } from '../platform/forms.js';
import { Settings } from '../platform/settings.js';
import { OpenTo } from '../sessions/open-to.js';
import { ReturnTo } from '../sessions/return-to.js';
import { SessionCookie } from '../sessions/session-cookie.js';
import { Visited, type Visit } from '../sessions/visit.js';
import { signInForm, signInKept } from './sign-in.form.js';
import { closedToBrowser, signInPage, tooManyPasswords, wrongPassword } from './sign-in.page.js';
import { SignIn } from './sign-in.service.js';

@Controller('login')
export class SignInController {
  private readonly hasMail: boolean;

  constructor(
    @Inject(SignIn) private readonly signIn: SignIn,
    @Inject(SessionCookie) private readonly cookie: SessionCookie,
    @Inject(ReturnTo) private readonly returnTo: ReturnTo,
    @Inject(Settings) settings: Settings,
  ) {
    this.hasMail = settings.config.MAIL_PROVIDER !== 'none';
  }

  @Get()
  @OpenTo('anonymous')
  show(@Query('returnTo') returnTo: unknown, @Query('notice') notice: unknown): Answer {
    return signInPage({ returnTo: this.returnTo.resolve(returnTo), notice });
  }

  @Post()
  @OpenTo('anonymous')
  async check(
    @Visited() { visitorId, address, userAgent }: Visit,
    @Body() body: unknown,
    @Query('returnTo') wanted: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Answer> {
    const returnTo = this.returnTo.resolve(wanted);
    const form = parseForm(signInForm, body, signInKept);
    if (!form.ok) return signInPage({ returnTo, username: form.kept['username'] ?? '' }, { status: 422, errors: form.errors });
    const { username } = form.value;
    const result = await this.signIn.signIn(form.value, { visitorId, address, userAgent, returnTo });
    switch (result.outcome) {
      case 'in':
        return this.cookie.follow(response, result.rotation);
      case 'wrong':
        return signInPage({ returnTo, username }, wrongPassword);
      case 'waiting':
        return signInPage({ returnTo, username }, tooManyPasswords(result.seconds));
      case 'closed':
        return signInPage({ returnTo, username, closed: { hasMail: this.hasMail } }, closedToBrowser);
    }
  }
}
