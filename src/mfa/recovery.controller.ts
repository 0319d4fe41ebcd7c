/** The challenge, answered with a recovery code. */
import { Body, Controller, Get, Inject, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import type { Answer } from '../platform/answer.js';
import { parseForm } from '../platform/forms.js';
import { OpenTo } from '../sessions/open-to.js';
import { SessionCookie } from '../sessions/session-cookie.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { refusedFields } from './code-refusal.js';
import { RecoveryCheck } from './recovery-check.service.js';
import { recoveryForm } from './recovery.form.js';
import { recoveryPage, tooManyRecoveryCodes, wrongRecoveryCode } from './recovery.page.js';

@Controller('two-factor/recovery')
export class RecoveryController {
  constructor(
    @Inject(RecoveryCheck) private readonly recovery: RecoveryCheck,
    @Inject(SessionCookie) private readonly cookie: SessionCookie,
  ) {}

  @Get()
  @OpenTo('challenge')
  show(@MemberVisited() visit: MemberVisit): Answer {
    return recoveryPage(visit);
  }

  @Post()
  @OpenTo('challenge')
  async answer(
    @MemberVisited() visit: MemberVisit,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Answer> {
    const form = parseForm(recoveryForm, body);
    if (!form.ok) return recoveryPage(visit, refusedFields(form.errors));
    const result = await this.recovery.useCode(visit, form.value.recoveryCode);
    switch (result.outcome) {
      case 'accepted':
        return this.cookie.follow(response, result.rotation);
      case 'wrong-code':
        return recoveryPage(visit, wrongRecoveryCode);
      case 'waiting':
        return recoveryPage(visit, tooManyRecoveryCodes(result.seconds));
    }
  }
}
