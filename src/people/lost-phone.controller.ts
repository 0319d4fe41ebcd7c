/** "I lost my phone", at the challenge. */
import { Body, Controller, Get, Inject, Post } from '@nestjs/common';
import { type Answer, Redirect } from '../platform/answer.js';
import { parseForm } from '../platform/forms.js';
import { OpenTo } from '../sessions/open-to.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { lostPhonePage, tooManyRequests } from './lost-phone.page.js';
import { LostPhones } from './lost-phones.service.js';
import { lostPhoneForm } from './people.form.js';

const address = '/two-factor/lost-phone';

@Controller('two-factor/lost-phone')
export class LostPhoneController {
  constructor(@Inject(LostPhones) private readonly lostPhones: LostPhones) {}

  @Get()
  @OpenTo('challenge')
  async show(@MemberVisited() visit: MemberVisit): Promise<Answer> {
    return lostPhonePage(visit, await this.lostPhones.standingOf(visit));
  }

  @Post()
  @OpenTo('challenge')
  async ask(@MemberVisited() visit: MemberVisit, @Body() body: unknown): Promise<Answer> {
    const form = parseForm(lostPhoneForm, body, ['note']);
    if (!form.ok) return lostPhonePage(visit, await this.lostPhones.standingOf(visit), { status: 422, errors: form.errors }, form.kept);
    const result = await this.lostPhones.ask(visit, form.value.note);
    if (result.outcome !== 'waiting') return new Redirect(address);
    return lostPhonePage(visit, 'possible', tooManyRequests(result.seconds), form.kept);
  }
}
