import { Body, Controller, Get, Inject, Post, Query } from '@nestjs/common';
import { type Answer, Redirect } from '../platform/answer.js';
import { parseForm } from '../platform/forms.js';
import { OpenToManagers } from '../sessions/open-to.js';
import { type Member, MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { configurationForm } from './configuration.form.js';
import { configurationPage, type ConfigurationState } from './configuration.page.js';
import { OrganizationStore } from './organization.store.js';
import { Policy } from './policy.service.js';

@Controller('organization/configuration')
export class ConfigurationController {
  constructor(
    @Inject(OrganizationStore) private readonly organizations: OrganizationStore,
    @Inject(Policy) private readonly policy: Policy,
  ) {}

  @Get()
  @OpenToManagers()
  async show(@MemberVisited() { member }: MemberVisit, @Query('saved') saved: unknown): Promise<Answer> {
    return configurationPage(
      member,
      await this.stateOf(member),
      saved === 'yes' ? { notice: 'The configuration is saved and holds from now on.' } : {},
    );
  }

  @Post()
  @OpenToManagers()
  async save(@MemberVisited() { member }: MemberVisit, @Body() body: unknown): Promise<Answer> {
    const form = parseForm(configurationForm, body);
    if (!form.ok) return configurationPage(member, await this.stateOf(member), { errors: form.errors, status: 422 });
    await this.policy.changePolicy(member, form.value);
    return new Redirect('/organization/configuration?saved=yes');
  }

  private async stateOf({ organization }: Member): Promise<ConfigurationState> {
    const [coverage, lastChange] = await Promise.all([
      this.organizations.countCoverage(organization.id),
      this.organizations.findLastChange(organization.id),
    ]);
    return { coverage, lastChange };
  }
}
