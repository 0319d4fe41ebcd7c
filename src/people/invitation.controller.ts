/** The link in an invitation: opening it changes nothing, so that a mail scanner does not use it up. */
import { Body, Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { type Answer, Redirect } from '../platform/answer.js';
import { type FormRefusal, parseForm } from '../platform/forms.js';
import { LinkCookie } from '../sessions/link-cookie.js';
import { type LinkPage, linkTokenOf, openLink } from '../sessions/link-token.js';
import { OpenToEveryone } from '../sessions/open-to.js';
import { Visited, type Visit } from '../sessions/visit.js';
import { InvitationAcceptance } from './invitation-acceptance.service.js';
import { invitationLifetime } from './invitation-links.service.js';
import { acceptForm, acceptKept } from './invitation.form.js';
import { anotherInvitation, deadInvitationPage, invitationPage, tooManyTries, wrongField } from './invitation.page.js';
import type { OpenInvitation } from './invitation.store.js';

@Controller('invitation')
export class InvitationController {
  private readonly link: LinkPage<OpenInvitation> = {
    purpose: 'invitation',
    path: '/invitation',
    lifetime: invitationLifetime,
    find: (token) => this.acceptance.find(token),
    show: (_, invitation) => invitationPage(invitation),
    showDead: deadInvitationPage,
  };

  constructor(
    @Inject(InvitationAcceptance) private readonly acceptance: InvitationAcceptance,
    @Inject(LinkCookie) private readonly cookie: LinkCookie,
  ) {}

  @Get()
  @OpenToEveryone()
  show(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<Answer> {
    return openLink(this.link, this.cookie, { request, response });
  }

  @Post()
  @OpenToEveryone()
  async accept(
    @Visited() { address }: Visit,
    @Req() request: Request,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Answer> {
    const token = linkTokenOf(request, this.cookie, this.link.purpose);
    const form = parseForm(acceptForm, body, acceptKept);
    if (token === undefined) return deadInvitationPage();
    const invitation = await this.acceptance.find(token);
    const again = (refusal: FormRefusal) => (invitation ? invitationPage(invitation, refusal, form.kept) : deadInvitationPage());
    if (!form.ok) return again({ status: 422, errors: form.errors });
    const { invitation: seen, ...typed } = form.value;
    // One link a browser: what was typed for one organization, a password too, must not go to another.
    if (invitation && seen !== undefined && seen !== invitation.id) return again(anotherInvitation);
    const result = await this.acceptance.accept(token, typed, address);
    switch (result.outcome) {
      case 'accepted':
        this.cookie.clear(response);
        return new Redirect('/login?notice=invitation-accepted');
      case 'username-taken':
        return again(wrongField('username', 'That username is taken. Choose another one.'));
      case 'password-refused':
        return again(wrongField('password', result.message));
      case 'waiting':
        return again(tooManyTries(result.seconds));
      case 'dead-link':
        return deadInvitationPage();
    }
  }
}
