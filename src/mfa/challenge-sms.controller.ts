/** "Send code by SMS": a post alone sends; opening, reloading or failing a page never does. */
import { Controller, Get, Inject, Post } from '@nestjs/common';
import { type Answer, Redirect } from '../platform/answer.js';
import { ClientAddress } from '../platform/client-address.js';
import { OpenTo } from '../sessions/open-to.js';
import { pageOfStage } from '../sessions/stage-page.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { ChallengePages } from './challenge-pages.service.js';
import { SmsCodeSending } from './sms-code-sending.service.js';

@Controller('two-factor/challenge/sms')
export class ChallengeSmsController {
  constructor(
    @Inject(SmsCodeSending) private readonly sending: SmsCodeSending,
    @Inject(ChallengePages) private readonly pages: ChallengePages,
  ) {}

  /** Where a refused post left its address in the browser. */
  @Get()
  @OpenTo('challenge')
  show(): Answer {
    return new Redirect(pageOfStage.challenge);
  }

  @Post()
  @OpenTo('challenge')
  async send(@MemberVisited() visit: MemberVisit, @ClientAddress() address: string): Promise<Answer> {
    const refusal = await this.sending.sendCode(visit, 'CHALLENGE', address);
    return refusal ? this.pages.show(visit, refusal) : new Redirect(pageOfStage.challenge);
  }
}
