/** Signed in: an authenticator in place of the old one, or a first one: by the member's own choice, or before it has to be. */
import { Body, Controller, Get, Inject, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { type Answer, Redirect } from '../platform/answer.js';
import { parseForm } from '../platform/forms.js';
import { OpenTo, OpenToAct } from '../sessions/open-to.js';
import { SessionCookie } from '../sessions/session-cookie.js';
import { Sessions } from '../sessions/sessions.service.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { codeForm } from './code.form.js';
import { refusedFields, wrongCode } from './code-refusal.js';
import { replacementPage } from './enroll.page.js';
import { Enrollment, type EnrollmentOutcome } from './enrollment.service.js';

const stepUp = new Redirect('/step-up?returnTo=%2Fprofile%2Fauthenticator');

@Controller('profile/authenticator')
export class ReplaceAuthenticatorController {
  constructor(
    @Inject(Enrollment) private readonly enrollment: Enrollment,
    @Inject(SessionCookie) private readonly cookie: SessionCookie,
    @Inject(Sessions) private readonly sessions: Sessions,
  ) {}

  @Get()
  @OpenTo('signedIn')
  async show(@MemberVisited() visit: MemberVisit): Promise<Answer> {
    if (!this.sessions.hasFreshProof(visit)) return stepUp;
    return replacementPage(purposeOf(visit), await this.enrollment.showPending(visit));
  }

  @Post()
  @OpenToAct('authenticator')
  async confirm(
    @MemberVisited() visit: MemberVisit,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Answer> {
    if (!this.sessions.hasFreshProof(visit)) return stepUp;
    const form = parseForm(codeForm, body);
    if (!form.ok) return replacementPage(purposeOf(visit), await this.enrollment.showPending(visit), refusedFields(form.errors));
    const result = await this.confirmCode(visit, form.value.code);
    switch (result.outcome) {
      case 'accepted':
        return this.cookie.follow(response, result.rotation);
      case 'wrong-code':
        return replacementPage(purposeOf(visit), await this.enrollment.showPending(visit), wrongCode);
      case 'superseded':
        return new Redirect('/profile/authenticator');
    }
  }

  private confirmCode(visit: MemberVisit, code: string): Promise<EnrollmentOutcome> {
    const { authenticatorSince, organization } = visit.member;
    if (authenticatorSince) return this.enrollment.confirmReplacement(visit, code, authenticatorSince);
    return organization.twoFactorRequired ? this.enrollment.confirmFirst(visit, code) : this.enrollment.confirmChosen(visit, code);
  }
}

function purposeOf({ member }: MemberVisit) {
  return member.authenticatorSince ? 'replace' : 'choose';
}
