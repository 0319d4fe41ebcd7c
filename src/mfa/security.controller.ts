import { Body, Controller, Get, Inject, Post, Query } from '@nestjs/common';
import { type Answer, Redirect } from '../platform/answer.js';
import { type FormRefusal, parseForm } from '../platform/forms.js';
import { OpenTo } from '../sessions/open-to.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { refusedFields } from './code-refusal.js';
import { securityForm } from './security.form.js';
import { securityPage } from './security.page.js';
import { SmsCodes } from './sms-codes.service.js';
import { SmsSwitch } from './sms-switch.service.js';

@Controller('profile/security')
export class SecurityController {
  constructor(
    @Inject(SmsCodes) private readonly smsCodes: SmsCodes,
    @Inject(SmsSwitch) private readonly smsSwitch: SmsSwitch,
  ) {}

  @Get()
  @OpenTo('signedIn')
  show(@MemberVisited() visit: MemberVisit, @Query('done') done: unknown): Promise<Answer> {
    return this.page(visit, { done });
  }

  @Post()
  @OpenTo('signedIn')
  async switchSms(@MemberVisited() visit: MemberVisit, @Body() body: unknown): Promise<Answer> {
    const form = parseForm(securityForm, body);
    if (!form.ok) return this.page(visit, { refusal: refusedFields(form.errors) });
    switch (await this.smsSwitch.switchSms(visit, form.value.smsEnabled)) {
      case 'switched':
        return new Redirect(`/profile/security?done=${form.value.smsEnabled ? 'sms-on' : 'sms-off'}`);
      case 'proof-needed':
        return new Redirect('/step-up?returnTo=%2Fprofile%2Fsecurity');
      case 'not-allowed':
        return this.page(visit, { refusal: notAllowed });
      case 'no-number':
        return this.page(visit, { refusal: noNumber });
    }
  }

  private async page(visit: MemberVisit, outcome: { done?: unknown; refusal?: FormRefusal }): Promise<Answer> {
    return securityPage(visit.member, await this.smsCodes.standingOf(visit, 'TEST'), outcome);
  }
}

const notAllowed: FormRefusal = {
  status: 403,
  errors: [{ field: 'smsEnabled', message: 'Your organization does not allow codes by SMS.' }],
};

const noNumber: FormRefusal = {
  status: 422,
  errors: [{ field: 'smsEnabled', message: 'Save a mobile number under Details first.' }],
};
