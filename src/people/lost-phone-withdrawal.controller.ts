/** The link in the mail to a member whose phone was reported as lost: opening it withdraws nothing. */
import { Body, Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { type Answer, Redirect } from '../platform/answer.js';
import { LinkCookie } from '../sessions/link-cookie.js';
import { anotherLink, isForAnotherLink, type LinkPage, linkTokenOf, openLink, showLinkAgain, shownLink } from '../sessions/link-token.js';
import { OpenToEveryone } from '../sessions/open-to.js';
import { Visited, type Visit } from '../sessions/visit.js';
import { deadWithdrawalPage, withdrawalPage, withdrawnPage } from './lost-phone.page.js';
import { LostPhones, requestLifetime } from './lost-phones.service.js';

const address = '/two-factor/lost-phone/withdraw';

@Controller('two-factor/lost-phone/withdraw')
export class LostPhoneWithdrawalController {
  private readonly link: LinkPage<string> = {
    purpose: 'withdrawal',
    path: address,
    lifetime: requestLifetime,
    find: (token) => this.lostPhones.whose(token),
    show: (token, username, refusal) => withdrawalPage(shownLink(token, username), refusal),
    showDead: deadWithdrawalPage,
  };

  constructor(
    @Inject(LostPhones) private readonly lostPhones: LostPhones,
    @Inject(LinkCookie) private readonly cookie: LinkCookie,
  ) {}

  @Get()
  @OpenToEveryone()
  async show(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<Answer> {
    if (request.query['done'] === 'yes') return withdrawnPage();
    return openLink(this.link, this.cookie, { request, response });
  }

  @Post()
  @OpenToEveryone()
  async withdraw(
    @Visited() visit: Visit,
    @Req() request: Request,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Answer> {
    const token = linkTokenOf(request, this.cookie, this.link.purpose);
    if (token === undefined) return deadWithdrawalPage();
    if (isForAnotherLink(token, body)) return showLinkAgain(this.link, token, anotherLink);
    if (!(await this.lostPhones.withdraw(token, visit.address))) return deadWithdrawalPage();
    this.cookie.clear(response);
    return new Redirect(`${address}?done=yes`);
  }
}
