/** Profile > Security > "Send me a test code": shows that codes arrive, and that the number is the member's. */
import { Body, Controller, Get, Inject, Post } from '@nestjs/common';
import { type Answer, Redirect } from '../platform/answer.js';
import { ClientAddress } from '../platform/client-address.js';
import { Clock } from '../platform/clock.js';
import { type FormRefusal, parseForm } from '../platform/forms.js';
import { OpenTo, OpenToAct } from '../sessions/open-to.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { codeForm } from './code.form.js';
import { challengeOverPage, refusalOf, refusedFields } from './code-refusal.js';
import { numberTestPage } from './number-test.page.js';
import { NumberTest } from './number-test.service.js';
import { SmsCodeSending } from './sms-code-sending.service.js';
import { SmsCodes } from './sms-codes.service.js';

@Controller('profile/number-test')
export class NumberTestController {
  constructor(
    @Inject(NumberTest) private readonly test: NumberTest,
    @Inject(SmsCodes) private readonly smsCodes: SmsCodes,
    @Inject(SmsCodeSending) private readonly sending: SmsCodeSending,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  @Get()
  @OpenTo('signedIn')
  show(@MemberVisited() visit: MemberVisit): Promise<Answer> {
    return this.page(visit);
  }

  @Get('sms')
  @OpenTo('signedIn')
  showSent(): Answer {
    return new Redirect('/profile/number-test');
  }

  @Post('sms')
  @OpenToAct('number-test-send')
  async send(@MemberVisited() visit: MemberVisit, @ClientAddress() address: string): Promise<Answer> {
    const refusal = await this.sending.sendCode(visit, 'TEST', address);
    return refusal ? this.page(visit, refusal) : new Redirect('/profile/number-test');
  }

  @Post()
  @OpenToAct('number-test')
  async answer(@MemberVisited() visit: MemberVisit, @Body() body: unknown): Promise<Answer> {
    const form = parseForm(codeForm, body);
    if (!form.ok) return this.page(visit, refusedFields(form.errors));
    const result = await this.test.checkCode(visit, form.value.code);
    switch (result.outcome) {
      case 'verified':
        return new Redirect('/profile/security?done=verified');
      case 'challenge-over':
        return new Redirect(challengeOverPage);
      case 'none-under-way':
        return this.page(visit, noneUnderWay);
      case 'wrong-code':
        return this.page(visit, wrongTestCode);
      default:
        return this.page(visit, refusalOf(result));
    }
  }

  private async page(visit: MemberVisit, refusal?: FormRefusal): Promise<Answer> {
    const sms = await this.smsCodes.standingOf(visit, 'TEST');
    if (sms.obstacle && !refusal) return new Redirect('/profile/security');
    return numberTestPage(sms, this.clock.now(), refusal);
  }
}

const noneUnderWay: FormRefusal = {
  status: 422,
  errors: [{ field: '', message: 'No test code is under way. Have one sent, and type it in within five minutes.' }],
};

const wrongTestCode: FormRefusal = {
  status: 401,
  errors: [{ field: 'code', message: 'That code is not right. Type the one from the newest SMS, or have another one sent.' }],
};
