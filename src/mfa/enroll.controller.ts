import { Body, Controller, Get, Inject, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { type Answer, Redirect } from '../platform/answer.js';
import { parseForm } from '../platform/forms.js';
import { OpenTo } from '../sessions/open-to.js';
import { SessionCookie } from '../sessions/session-cookie.js';
import { pageOfStage } from '../sessions/stage-page.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { codeForm } from './code.form.js';
import { refusedFields, wrongCode } from './code-refusal.js';
import { enrollPage } from './enroll.page.js';
import { Enrollment } from './enrollment.service.js';

@Controller('two-factor/enroll')
export class EnrollController {
  constructor(
    @Inject(Enrollment) private readonly enrollment: Enrollment,
    @Inject(SessionCookie) private readonly cookie: SessionCookie,
  ) {}

  @Get()
  @OpenTo('enrollment')
  async show(@MemberVisited() visit: MemberVisit): Promise<Answer> {
    return enrollPage(visit, await this.enrollment.showPending(visit));
  }

  @Post()
  @OpenTo('enrollment')
  async confirm(
    @MemberVisited() visit: MemberVisit,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Answer> {
    const form = parseForm(codeForm, body);
    if (!form.ok) return enrollPage(visit, await this.enrollment.showPending(visit), refusedFields(form.errors));
    const result = await this.enrollment.confirmFirst(visit, form.value.code);
    switch (result.outcome) {
      case 'accepted':
        return this.cookie.follow(response, result.rotation);
      case 'wrong-code':
        return enrollPage(visit, await this.enrollment.showPending(visit), wrongCode);
      case 'superseded':
        return new Redirect(pageOfStage.enrollment);
    }
  }
}
