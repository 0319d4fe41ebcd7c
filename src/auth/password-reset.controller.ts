/** A new password by a link: opening it changes nothing, so that a mail scanner does not use it up. */
import { Body, Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { type Answer, Redirect } from '../platform/answer.js';
import { type FormRefusal, parseForm } from '../platform/forms.js';
import { LinkCookie } from '../sessions/link-cookie.js';
import { anotherLink, isForAnotherLink, type LinkPage, linkTokenOf, openLink, showLinkAgain, shownLink } from '../sessions/link-token.js';
import { OpenToEveryone } from '../sessions/open-to.js';
import { Visited, type Visit } from '../sessions/visit.js';
import { PasswordReset } from './password-reset.service.js';
import { resetForm } from './password.form.js';
import { deadResetLinkPage, refusedPassword, resetPage } from './password.page.js';
import { resetLinkLifetime } from './reset-links.service.js';

@Controller('password/reset')
export class PasswordResetController {
  private readonly link: LinkPage<string> = {
    purpose: 'reset',
    path: '/password/reset',
    lifetime: resetLinkLifetime,
    find: (token) => this.reset.whose(token),
    show: (token, username, refusal) => resetPage(shownLink(token, username), refusal),
    showDead: deadResetLinkPage,
  };

  constructor(
    @Inject(PasswordReset) private readonly reset: PasswordReset,
    @Inject(LinkCookie) private readonly cookie: LinkCookie,
  ) {}

  @Get()
  @OpenToEveryone()
  show(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<Answer> {
    return openLink(this.link, this.cookie, { request, response });
  }

  @Post()
  @OpenToEveryone()
  async choose(
    @Visited() { address }: Visit,
    @Req() request: Request,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Answer> {
    const token = linkTokenOf(request, this.cookie, this.link.purpose);
    const form = parseForm(resetForm, body);
    if (token === undefined) return deadResetLinkPage();
    const again = (refusal: FormRefusal) => showLinkAgain(this.link, token, refusal);
    if (isForAnotherLink(token, body)) return again(anotherLink);
    if (!form.ok) return again({ status: 422, errors: form.errors });
    const result = await this.reset.choose(token, form.value.password, address);
    switch (result.outcome) {
      case 'chosen':
        this.cookie.clear(response);
        return new Redirect('/login?notice=password-reset');
      case 'password-refused':
        return again(refusedPassword(result.message));
      case 'dead-link':
        return deadResetLinkPage();
    }
  }
}
