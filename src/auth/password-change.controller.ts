/** Profile > Password. */
import { Body, Controller, Get, Inject, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { type Answer, Redirect } from '../platform/answer.js';
import { parseForm } from '../platform/forms.js';
import { OpenTo, OpenToAct } from '../sessions/open-to.js';
import { SessionCookie } from '../sessions/session-cookie.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { PasswordChange } from './password-change.service.js';
import { changeForm } from './password.form.js';
import { changePage, refusedPassword, wrongCurrentPassword } from './password.page.js';
import { closedToBrowser, tooManyPasswords } from './sign-in.page.js';

/** Passwords are never kept over a step-up, so it comes before them. */
const stepUp = new Redirect('/step-up?returnTo=%2Fprofile%2Fpassword');

@Controller('profile/password')
export class PasswordChangeController {
  constructor(
    @Inject(PasswordChange) private readonly passwords: PasswordChange,
    @Inject(SessionCookie) private readonly cookie: SessionCookie,
  ) {}

  @Get()
  @OpenTo('signedIn')
  show(@MemberVisited() visit: MemberVisit, @Query('saved') saved: unknown): Answer {
    return this.passwords.needsProof(visit) ? stepUp : changePage({ saved });
  }

  @Post()
  @OpenToAct('password')
  async change(
    @MemberVisited() visit: MemberVisit,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Answer> {
    const form = parseForm(changeForm, body);
    if (!form.ok) return changePage({ refusal: { status: 422, errors: form.errors } });
    const result = await this.passwords.change(visit, form.value, '/profile/password?saved=yes');
    switch (result.outcome) {
      case 'changed':
        return this.cookie.follow(response, result.rotation);
      case 'proof-needed':
        return stepUp;
      case 'wrong':
        return changePage({ refusal: wrongCurrentPassword });
      case 'waiting':
        return changePage({ refusal: tooManyPasswords(result.seconds) });
      case 'closed':
        return changePage({ refusal: closedToBrowser });
      case 'password-refused':
        return changePage({ refusal: refusedPassword(result.message) });
    }
  }
}
