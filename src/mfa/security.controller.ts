import { Body, Controller, Get, Inject, Post, Query } from '@nestjs/common';
import { type Answer, Redirect } from '../platform/answer.js';
import { type FormRefusal, parseForm } from '../platform/forms.js';
import { KeptForms } from '../sessions/kept-forms.service.js';
import { acts } from '../sessions/domain/acts.js';
import { OpenTo, OpenToAct } from '../sessions/open-to.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { refusedFields } from './code-refusal.js';
import { RecoveryCodes } from './recovery-codes.service.js';
import { securityForm } from './security.form.js';
import { securityPage, type SecurityOutcome } from './security.page.js';
import { SmsCodes } from './sms-codes.service.js';
import { SmsSwitch } from './sms-switch.service.js';

const address = '/profile/security';

@Controller('profile/security')
export class SecurityController {
  constructor(
    @Inject(SmsCodes) private readonly smsCodes: SmsCodes,
    @Inject(RecoveryCodes) private readonly recoveryCodes: RecoveryCodes,
    @Inject(SmsSwitch) private readonly smsSwitch: SmsSwitch,
    @Inject(KeptForms) private readonly keptForms: KeptForms,
  ) {
    keptForms.register('sms-switch', (visit, fields) => this.switchSms(visit, fields));
  }

  @Get()
  @OpenTo('signedIn')
  show(@MemberVisited() visit: MemberVisit, @Query('done') done: unknown): Promise<Answer> {
    return this.page(visit, { done });
  }

  @Post()
  @OpenToAct('sms-switch')
  async switchSms(@MemberVisited() visit: MemberVisit, @Body() body: unknown): Promise<Answer> {
    const form = parseForm(securityForm, body, acts['sms-switch'].fields);
    if (!form.ok) return this.page(visit, { refusal: refusedFields(form.errors) });
    switch (await this.smsSwitch.switchSms(visit, form.value.smsEnabled)) {
      case 'switched':
        return new Redirect(`${address}?done=${form.value.smsEnabled ? 'sms-on' : 'sms-off'}`);
      case 'proof-needed':
        return this.keptForms.keep(visit.session, { action: 'sms-switch', words: wordsOf(form.value), page: address, fields: form.kept });
      case 'not-allowed':
        return this.page(visit, { refusal: notAllowed });
      case 'no-number':
        return this.page(visit, { refusal: noNumber });
    }
  }

  private async page(visit: MemberVisit, outcome: SecurityOutcome): Promise<Answer> {
    const [sms, recovery] = await Promise.all([this.smsCodes.standingOf(visit, 'TEST'), this.recoveryCodes.standingOf(visit)]);
    return securityPage(visit, { sms, recovery }, outcome);
  }
}

function wordsOf({ smsEnabled }: { readonly smsEnabled: boolean }): string {
  return smsEnabled ? 'switch codes by SMS on' : 'switch codes by SMS off';
}

const notAllowed: FormRefusal = {
  status: 403,
  errors: [{ field: 'smsEnabled', message: 'Your organization does not allow codes by SMS.' }],
};

const noNumber: FormRefusal = {
  status: 422,
  errors: [{ field: 'smsEnabled', message: 'Save a mobile number under Details first.' }],
};
