/** A member's own two-factor, where the policy does not ask for it: on and off again with a current code. */
import { Body, Controller, Get, Inject, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Audit } from '../audit/audit.service.js';
import { type Answer, Redirect } from '../platform/answer.js';
import { parseForm } from '../platform/forms.js';
import { OpenTo, OpenToAct } from '../sessions/open-to.js';
import { SessionCookie } from '../sessions/session-cookie.js';
import { type Member, MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { UserStore } from '../users/user.store.js';
import { CodeCheck } from './code-check.service.js';
import { codeForm } from './code.form.js';
import { challengeOverPage, refusalOf, refusedFields } from './code-refusal.js';
import { type Choice, choicePage } from './security.page.js';

const securityAddress = '/profile/security';

@Controller('profile/two-factor')
export class TwoFactorChoiceController {
  constructor(
    @Inject(CodeCheck) private readonly codes: CodeCheck,
    @Inject(UserStore) private readonly users: UserStore,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(SessionCookie) private readonly cookie: SessionCookie,
  ) {}

  @Get('choose')
  @OpenTo('signedIn')
  showChoose(@MemberVisited() { member }: MemberVisit): Answer {
    return canDecide('choose', member) ? choicePage('choose') : new Redirect(securityAddress);
  }

  @Post('choose')
  @OpenToAct('two-factor-choose')
  choose(@MemberVisited() visit: MemberVisit, @Body() body: unknown, @Res({ passthrough: true }) response: Response): Promise<Answer> {
    return this.decide('choose', visit, body, response);
  }

  @Get('leave')
  @OpenTo('signedIn')
  showLeave(@MemberVisited() { member }: MemberVisit): Answer {
    return canDecide('leave', member) ? choicePage('leave') : new Redirect(securityAddress);
  }

  @Post('leave')
  @OpenToAct('two-factor-leave')
  leave(@MemberVisited() visit: MemberVisit, @Body() body: unknown, @Res({ passthrough: true }) response: Response): Promise<Answer> {
    return this.decide('leave', visit, body, response);
  }

  private async decide(choice: Choice, visit: MemberVisit, body: unknown, response: Response): Promise<Answer> {
    const { member } = visit;
    if (!canDecide(choice, member)) return new Redirect(securityAddress);
    const form = parseForm(codeForm, body);
    if (!form.ok) return choicePage(choice, refusedFields(form.errors));
    const result = await this.codes.checkCode(visit, form.value.code, {
      to: `${securityAddress}?done=${choice === 'choose' ? 'chosen' : 'left'}`,
      also: async (transaction) => {
        await this.users.chooseTwoFactor(transaction, member.userId, choice === 'choose');
        await this.audit.recordActOf(transaction, visit, { kind: choice === 'choose' ? 'two-factor-chosen' : 'two-factor-left' });
      },
    });
    switch (result.outcome) {
      case 'accepted':
        return this.cookie.follow(response, result.rotation);
      case 'challenge-over':
        return new Redirect(challengeOverPage);
      default:
        return choicePage(choice, refusalOf(result));
    }
  }
}

/** Only where the organization leaves the choice, and the authenticator is there. */
function canDecide(choice: Choice, { organization, choseTwoFactor, authenticatorSince }: Member): boolean {
  return !organization.twoFactorRequired && authenticatorSince !== null && choseTwoFactor === (choice === 'leave');
}
