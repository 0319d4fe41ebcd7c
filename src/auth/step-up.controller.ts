/** Step-up: proof asked again before a sensitive change. It never extends the 24 hours. */
import { Body, Controller, Get, Inject, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { CodeCheck } from '../mfa/code-check.service.js';
import { challengeOverPage, refusalOf } from '../mfa/code-refusal.js';
import { type Answer, Redirect } from '../platform/answer.js';
import { ClientAddress } from '../platform/client-address.js';
import { parseForm } from '../platform/forms.js';
import { strongestFactor } from '../sessions/domain/step-up.policy.js';
import { OpenTo } from '../sessions/open-to.js';
import { ReturnTo } from '../sessions/return-to.js';
import { SessionCookie } from '../sessions/session-cookie.js';
import { Sessions } from '../sessions/sessions.service.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { tooManyPasswords } from './sign-in.page.js';
import { SignIn } from './sign-in.service.js';
import { stepUpCodeForm, stepUpPasswordForm } from './step-up.form.js';
import { stepUpPage } from './step-up.page.js';

const withReturnTo = z.looseObject({ returnTo: z.unknown() });
const wrongPassword = { status: 401, errors: [{ field: 'password', message: 'That password is not right. Try again.' }] };

@Controller('step-up')
export class StepUpController {
  constructor(
    @Inject(CodeCheck) private readonly codes: CodeCheck,
    @Inject(SignIn) private readonly signIn: SignIn,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(SessionCookie) private readonly cookie: SessionCookie,
    @Inject(ReturnTo) private readonly returnTo: ReturnTo,
  ) {}

  @Get()
  @OpenTo('signedIn')
  show(@MemberVisited() { member }: MemberVisit, @Query('returnTo') returnTo: unknown): Answer {
    return stepUpPage(strongestFactor(member.authenticatorSince), this.resolve(returnTo));
  }

  @Post()
  @OpenTo('signedIn')
  prove(
    @MemberVisited() visit: MemberVisit,
    @Body() body: unknown,
    @ClientAddress() address: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Answer> {
    const to = this.resolve(withReturnTo.safeParse(body).data?.returnTo);
    if (strongestFactor(visit.member.authenticatorSince) === 'code') return this.proveByCode(visit, body, to, response);
    return this.proveByPassword(visit, body, { to, address }, response);
  }

  private async proveByCode(visit: MemberVisit, body: unknown, to: string, response: Response): Promise<Answer> {
    const form = parseForm(stepUpCodeForm, body);
    if (!form.ok) return stepUpPage('code', to, { status: 422, errors: form.errors });
    const result = await this.codes.checkCode(visit, form.value.code, { to });
    switch (result.outcome) {
      case 'accepted':
        return this.cookie.follow(response, result.rotation);
      case 'challenge-over':
        return new Redirect(challengeOverPage);
      default:
        return stepUpPage('code', to, refusalOf(result));
    }
  }

  private async proveByPassword(
    visit: MemberVisit,
    body: unknown,
    { to, address }: { to: string; address: string },
    response: Response,
  ): Promise<Answer> {
    const form = parseForm(stepUpPasswordForm, body);
    if (!form.ok) return stepUpPage('password', to, { status: 422, errors: form.errors });
    const result = await this.signIn.checkPassword({ username: visit.member.username, password: form.value.password, address });
    if (result.outcome === 'waiting') return stepUpPage('password', to, tooManyPasswords(result.seconds));
    if (result.outcome === 'wrong') return stepUpPage('password', to, wrongPassword);
    const rotation = await this.sessions.provePassword(visit, { to });
    return rotation ? this.cookie.follow(response, rotation) : new Redirect(to);
  }

  private resolve(returnTo: unknown): string {
    return this.returnTo.resolve(returnTo) ?? '/';
  }
}
