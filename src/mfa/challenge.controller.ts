import { Body, Controller, Get, Inject, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { type Answer, Redirect } from '../platform/answer.js';
import { parseForm } from '../platform/forms.js';
import { OpenTo } from '../sessions/open-to.js';
import { SessionCookie } from '../sessions/session-cookie.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { ChallengePages } from './challenge-pages.service.js';
import { CodeCheck } from './code-check.service.js';
import { codeForm } from './code.form.js';
import { challengeOverPage, refusalOf, refusedFields } from './code-refusal.js';
import { SmsCodes } from './sms-codes.service.js';

@Controller('two-factor/challenge')
export class ChallengeController {
  constructor(
    @Inject(CodeCheck) private readonly codes: CodeCheck,
    @Inject(SmsCodes) private readonly smsCodes: SmsCodes,
    @Inject(ChallengePages) private readonly pages: ChallengePages,
    @Inject(SessionCookie) private readonly cookie: SessionCookie,
  ) {}

  @Get()
  @OpenTo('challenge')
  show(@MemberVisited() visit: MemberVisit): Promise<Answer> {
    return this.pages.show(visit);
  }

  @Post()
  @OpenTo('challenge')
  async answer(
    @MemberVisited() visit: MemberVisit,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Answer> {
    const form = parseForm(codeForm, body);
    if (!form.ok) return this.pages.show(visit, refusedFields(form.errors));
    const result = await this.codes.checkCode(visit, form.value.code, { to: visit.session.returnTo ?? '/', takesSms: true });
    switch (result.outcome) {
      case 'accepted':
        return this.cookie.follow(response, result.rotation);
      case 'challenge-over':
        return new Redirect(challengeOverPage);
      default:
        return this.pages.show(visit, refusalOf(result, { isSmsUnderWay: await this.smsCodes.isUnderWay(visit, 'CHALLENGE') }));
    }
  }
}
