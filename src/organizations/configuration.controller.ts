import { Body, Controller, Get, Inject, Post, Query } from '@nestjs/common';
import { type Answer, Redirect } from '../platform/answer.js';
import { OpenToManagers } from '../sessions/open-to.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { ConfigurationPages } from './configuration-pages.service.js';
import { parseConfiguration } from './configuration.form.js';
import { Policy } from './policy.service.js';

@Controller('organization/configuration')
export class ConfigurationController {
  constructor(
    @Inject(ConfigurationPages) private readonly pages: ConfigurationPages,
    @Inject(Policy) private readonly policy: Policy,
  ) {}

  @Get()
  @OpenToManagers()
  show(@MemberVisited() { member }: MemberVisit, @Query('saved') saved: unknown): Promise<Answer> {
    return this.pages.show(member, saved === 'yes' ? { notice: 'The configuration is saved and holds from now on.' } : {});
  }

  @Post()
  @OpenToManagers()
  async save(@MemberVisited() { member }: MemberVisit, @Body() body: unknown): Promise<Answer> {
    const form = parseConfiguration(body);
    if (!form.ok) return this.pages.show(member, { refused: form });
    await this.policy.changeConfiguration(member, form.value);
    return new Redirect('/organization/configuration?saved=yes');
  }
}
