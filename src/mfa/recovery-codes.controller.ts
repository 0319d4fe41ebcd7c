/** Profile > Security > Recovery codes: shown once, counted, renewed. */
import { Body, Controller, Get, Inject, Post, Query, UnprocessableEntityException } from '@nestjs/common';
import { z } from 'zod';
import { type Answer, Redirect } from '../platform/answer.js';
import { hidden, parseForm } from '../platform/forms.js';
import { KeptForms } from '../sessions/kept-forms.service.js';
import { OpenTo, OpenToAct } from '../sessions/open-to.js';
import { ReturnTo } from '../sessions/return-to.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { RecoveryCodes } from './recovery-codes.service.js';
import { recoveryCodesPage, shownCodesPage } from './recovery-codes.page.js';

const address = '/profile/recovery-codes';
const keptForm = z.object({ returnTo: hidden() });

@Controller('profile/recovery-codes')
export class RecoveryCodesController {
  constructor(
    @Inject(RecoveryCodes) private readonly codes: RecoveryCodes,
    @Inject(KeptForms) private readonly keptForms: KeptForms,
    @Inject(ReturnTo) private readonly returnTo: ReturnTo,
  ) {
    keptForms.register('recovery-codes', (visit) => this.renew(visit));
  }

  @Get()
  @OpenTo('signedIn')
  async show(@MemberVisited() visit: MemberVisit, @Query('returnTo') returnTo: unknown): Promise<Answer> {
    const shown = await this.codes.findShown(visit);
    if (shown) return shownCodesPage(visit.member, shown, this.returnTo.resolve(returnTo));
    return recoveryCodesPage(visit.member, await this.codes.standingOf(visit));
  }

  @Post()
  @OpenToAct('recovery-codes')
  async renew(@MemberVisited() visit: MemberVisit): Promise<Answer> {
    switch (await this.codes.renew(visit)) {
      case 'renewed':
        return new Redirect(address);
      case 'not-enrolled':
        return new Redirect('/profile/security');
      case 'proof-needed':
        return this.keptForms.keep(visit.session, {
          action: 'recovery-codes',
          words: 'make new recovery codes',
          page: address,
          fields: {},
        });
    }
  }

  /** "I have kept them." */
  @Post('kept')
  @OpenToAct('recovery-codes-kept')
  async markKept(@MemberVisited() visit: MemberVisit, @Body() body: unknown): Promise<Answer> {
    const form = parseForm(keptForm, body);
    if (!form.ok) throw new UnprocessableEntityException();
    await this.codes.markKept(visit);
    return new Redirect(this.returnTo.resolve(form.value.returnTo) ?? '/profile/security');
  }
}
