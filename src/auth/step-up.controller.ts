/** Step-up: proof asked again before a sensitive change, which is then finished. It never extends the 24 hours. */
import { Body, Controller, Get, Inject, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { Audit } from '../audit/audit.service.js';
import { CodeCheck } from '../mfa/code-check.service.js';
import { challengeOverPage, refusalOf, refusedFields } from '../mfa/code-refusal.js';
import { type Answer, Redirect } from '../platform/answer.js';
import { Database } from '../platform/database.js';
import { parseForm } from '../platform/forms.js';
import { Refusal } from '../platform/refusal.js';
import { strongestFactor } from '../sessions/domain/step-up.policy.js';
import { KeptForms } from '../sessions/kept-forms.service.js';
import { OpenTo, OpenToAct } from '../sessions/open-to.js';
import { ReturnTo } from '../sessions/return-to.js';
import { SessionCookie } from '../sessions/session-cookie.js';
import { Sessions } from '../sessions/sessions.service.js';
import { pageOfStage } from '../sessions/stage-page.js';
import { MemberVisited, type MemberVisit, type Rotation } from '../sessions/visit.js';
import { closedToBrowser, tooManyPasswords } from './sign-in.page.js';
import { SignIn } from './sign-in.service.js';
import { stepUpCodeForm, stepUpPasswordForm } from './step-up.form.js';
import { changeNotMade, stepUpPage, type StepUpTarget } from './step-up.page.js';

const where = z.looseObject({ returnTo: z.unknown().optional(), form: z.unknown().optional() });
const wrongPassword = { status: 401, errors: [{ field: 'password', message: 'That password is not right. Try again.' }] };

@Controller('step-up')
export class StepUpController {
  constructor(
    @Inject(CodeCheck) private readonly codes: CodeCheck,
    @Inject(SignIn) private readonly signIn: SignIn,
    @Inject(Database) private readonly database: Database,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(KeptForms) private readonly keptForms: KeptForms,
    @Inject(SessionCookie) private readonly cookie: SessionCookie,
    @Inject(ReturnTo) private readonly returnTo: ReturnTo,
  ) {}

  @Get()
  @OpenTo('signedIn')
  async show(@MemberVisited() visit: MemberVisit, @Query() query: unknown): Promise<Answer> {
    return stepUpPage(strongestFactor(visit.member.authenticatorSince), await this.targetOf(visit, query));
  }

  @Post()
  @OpenToAct('step-up')
  async prove(@MemberVisited() visit: MemberVisit, @Body() body: unknown, @Res({ passthrough: true }) response: Response): Promise<Answer> {
    const target = await this.targetOf(visit, body);
    const isCode = strongestFactor(visit.member.authenticatorSince) === 'code';
    const proven = await (isCode ? this.proveByCode(visit, body, target) : this.proveByPassword(visit, body, target));
    return 'token' in proven ? this.goOn(visit, proven, target, response) : proven;
  }

  /** With the proof, what the form that waited asked for is done. */
  private async goOn(visit: MemberVisit, rotation: Rotation, target: StepUpTarget, response: Response): Promise<Answer> {
    const { form, returnTo, isFormGone } = target;
    const redirect = this.cookie.follow(response, rotation);
    if (!form && !isFormGone) return redirect;
    const answer = form && (await this.keptForms.finish(this.sessions.afterProof(visit, rotation), form));
    if (!answer) throw new Refusal(changeNotMade(returnTo));
    if (answer instanceof Redirect) await this.sessions.leadTwin(visit, answer.to);
    return answer;
  }

  private async proveByCode(visit: MemberVisit, body: unknown, target: StepUpTarget): Promise<Rotation | Answer> {
    const form = parseForm(stepUpCodeForm, body);
    if (!form.ok) return stepUpPage('code', target, refusedFields(form.errors));
    const result = await this.codes.checkCode(visit, form.value.code, { to: target.returnTo });
    switch (result.outcome) {
      case 'accepted':
        return result.rotation;
      case 'challenge-over':
        return new Redirect(challengeOverPage);
      default:
        return stepUpPage('code', target, refusalOf(result));
    }
  }

  private async proveByPassword(visit: MemberVisit, body: unknown, target: StepUpTarget): Promise<Rotation | Answer> {
    const { visitorId, address, member } = visit;
    const { username } = member;
    const form = parseForm(stepUpPasswordForm, body);
    if (!form.ok) return stepUpPage('password', target, refusedFields(form.errors));
    const result = await this.signIn.checkPassword({ username, password: form.value.password, address, visitorId });
    if (result.outcome === 'waiting') return stepUpPage('password', target, tooManyPasswords(result.seconds));
    if (result.outcome === 'closed') return stepUpPage('password', target, closedToBrowser);
    if (result.outcome === 'wrong') return stepUpPage('password', target, wrongPassword);
    const rotation = await this.database.$transaction(async (transaction) => {
      const proven = await this.sessions.provePassword(transaction, visit, { to: target.returnTo });
      if (proven) await this.audit.recordActOf(transaction, visit, { kind: 'step-up', details: { by: 'password' } });
      return proven;
    });
    // Another post was first: if it was this one's twin, the answer is led where that one went (TwinPost).
    return rotation ?? new Redirect(pageOfStage.anonymous);
  }

  /** From the address or the form: a page, or a form that waits. */
  private async targetOf(visit: MemberVisit, given: unknown): Promise<StepUpTarget> {
    const named = where.safeParse(given ?? {}).data;
    const form = await this.keptForms.find(visit.session, named?.form);
    const isFormGone = named?.form !== undefined && !form;
    return { form, isFormGone, returnTo: form?.page ?? this.returnTo.resolve(named?.returnTo) ?? '/' };
  }
}
