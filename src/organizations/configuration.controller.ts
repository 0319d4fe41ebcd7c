import { Body, Controller, Get, Inject, Post, Query } from '@nestjs/common';
import { type Answer, Redirect } from '../platform/answer.js';
import type { FieldError } from '../platform/forms.js';
import { Refusal } from '../platform/refusal.js';
import { KeptForms } from '../sessions/kept-forms.service.js';
import { OpenToAct, OpenToManagers, roleRefused } from '../sessions/open-to.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { ConfigurationPages } from './configuration-pages.service.js';
import { parseConfiguration, wrongDate } from './configuration.form.js';
import { Policy } from './policy.service.js';

const page = '/organization/configuration';
/** Under which a post that waits for a step-up is finished. */
const action = 'configuration';

@Controller('organization/configuration')
export class ConfigurationController {
  constructor(
    @Inject(ConfigurationPages) private readonly pages: ConfigurationPages,
    @Inject(Policy) private readonly policy: Policy,
    @Inject(KeptForms) private readonly keptForms: KeptForms,
  ) {
    keptForms.register(action, (visit, fields) => this.save(visit, fields));
  }

  @Get()
  @OpenToManagers()
  show(@MemberVisited() { member }: MemberVisit, @Query('saved') saved: unknown): Promise<Answer> {
    return this.pages.show(member, saved === 'yes' ? { notice: 'The configuration is saved and holds from now on.' } : {});
  }

  @Post()
  @OpenToAct(action)
  async save(@MemberVisited() visit: MemberVisit, @Body() body: unknown): Promise<Answer> {
    const form = parseConfiguration(body);
    if (!form.ok) return this.pages.show(visit.member, { refused: form });
    const refuse = (errors: readonly FieldError[]) => this.pages.show(visit.member, { refused: { errors, kept: form.kept } });
    switch (await this.policy.changeConfiguration(visit, form.value)) {
      case 'saved':
        return new Redirect(`${page}?saved=yes`);
      case 'not-allowed':
        throw new Refusal(roleRefused);
      case 'wrong-date':
        return refuse([{ field: 'twoFactorFrom', message: wrongDate }]);
      case 'reason-needed':
        return refuse([{ field: 'reason', message: 'Say why two-factor authentication is switched off.' }]);
      case 'proof-needed':
        return this.keptForms.keep(visit.session, { action, words: 'change how people sign in', page, fields: form.kept });
    }
  }
}
