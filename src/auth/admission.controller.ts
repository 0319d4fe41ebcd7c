/** The link by which a member signs in from another browser: opening it changes nothing, so that a mail scanner does not use it up. */
import { Body, Controller, Get, Inject, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { type Answer, Redirect } from '../platform/answer.js';
import { parseForm } from '../platform/forms.js';
import { LinkCookie } from '../sessions/link-cookie.js';
import { anotherLink, isForAnotherLink, type LinkPage, linkTokenOf, openLink, showLinkAgain, shownLink } from '../sessions/link-token.js';
import { OpenToEveryone } from '../sessions/open-to.js';
import { Visited, type Visit } from '../sessions/visit.js';
import { admissionPage, deadAdmissionLinkPage, linkSentPage } from './admission.page.js';
import { AdmissionLinks, admissionLinkLifetime } from './admission-links.service.js';
import { Admissions } from './admissions.service.js';
import { forgottenForm, forgottenKept } from './password.form.js';
import { tooManyLinks } from './password.page.js';
import { signInPage } from './sign-in.page.js';

@Controller('login/link')
export class AdmissionController {
  private readonly link: LinkPage<string> = {
    purpose: 'sign-in',
    path: '/login/link',
    lifetime: admissionLinkLifetime,
    find: (token) => this.admissions.whose(token),
    show: (token, username, refusal) => admissionPage(shownLink(token, username), refusal),
    showDead: deadAdmissionLinkPage,
  };

  constructor(
    @Inject(AdmissionLinks) private readonly links: AdmissionLinks,
    @Inject(Admissions) private readonly admissions: Admissions,
    @Inject(LinkCookie) private readonly cookie: LinkCookie,
  ) {}

  @Get()
  @OpenToEveryone()
  async show(@Query('sent') sent: unknown, @Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<Answer> {
    if (sent === 'yes') return linkSentPage();
    return openLink(this.link, this.cookie, { request, response });
  }

  @Post()
  @OpenToEveryone()
  async ask(@Visited() { address }: Visit, @Body() body: unknown): Promise<Answer> {
    const form = parseForm(forgottenForm, body, forgottenKept);
    const username = form.kept['username'] ?? '';
    if (!form.ok) return signInPage({ username }, { status: 422, errors: form.errors });
    const seconds = await this.links.ask({ username: form.value.username, address });
    return seconds === undefined ? new Redirect('/login/link?sent=yes') : signInPage({ username }, tooManyLinks(seconds));
  }

  @Post('browser')
  @OpenToEveryone()
  async admit(
    @Visited() visit: Visit,
    @Req() request: Request,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Answer> {
    const token = linkTokenOf(request, this.cookie, this.link.purpose);
    if (token === undefined) return deadAdmissionLinkPage();
    if (isForAnotherLink(token, body)) return showLinkAgain(this.link, token, anotherLink);
    if (!(await this.admissions.admit(token, visit))) return deadAdmissionLinkPage();
    this.cookie.clear(response);
    return new Redirect('/login?notice=browser-admitted');
  }
}
