import { Body, Controller, Get, Inject, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { type Answer, Redirect } from '../platform/answer.js';
import { Clock } from '../platform/clock.js';
import { type FormRefusal, parseForm } from '../platform/forms.js';
import { Settings } from '../platform/settings.js';
import { OpenTo } from '../sessions/open-to.js';
import { SessionCookie } from '../sessions/session-cookie.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { challengePage } from './challenge.page.js';
import { CodeCheck } from './code-check.service.js';
import { codeForm } from './code.form.js';
import { challengeOverPage, refusalOf, refusedFields } from './code-refusal.js';
import { appEntry } from './domain/totp.js';

@Controller('two-factor/challenge')
export class ChallengeController {
  constructor(
    @Inject(CodeCheck) private readonly codes: CodeCheck,
    @Inject(SessionCookie) private readonly cookie: SessionCookie,
    @Inject(Settings) private readonly settings: Settings,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  @Get()
  @OpenTo('challenge')
  show(@MemberVisited() visit: MemberVisit): Promise<Answer> {
    return this.page(visit);
  }

  @Post()
  @OpenTo('challenge')
  async answer(
    @MemberVisited() visit: MemberVisit,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Answer> {
    const form = parseForm(codeForm, body);
    if (!form.ok) return this.page(visit, refusedFields(form.errors));
    const result = await this.codes.checkCode(visit, form.value.code, { to: visit.session.returnTo ?? '/' });
    switch (result.outcome) {
      case 'accepted':
        return this.cookie.follow(response, result.rotation);
      case 'challenge-over':
        return new Redirect(challengeOverPage);
      default:
        return this.page(visit, refusalOf(result));
    }
  }

  private async page(visit: MemberVisit, refusal?: FormRefusal): Promise<Answer> {
    const { userId, username, organization } = visit.member;
    const entry = appEntry(this.settings.config.TOTP_ISSUER, organization.name, username);
    return challengePage(visit, { entry, standing: await this.codes.standingOf(userId), now: this.clock.now() }, refusal);
  }
}
