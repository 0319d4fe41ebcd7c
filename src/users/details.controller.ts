import { Body, Controller, Get, Inject, Post, Query } from '@nestjs/common';
import { type Answer, Redirect } from '../platform/answer.js';
import { parseForm } from '../platform/forms.js';
import { Settings } from '../platform/settings.js';
import { KeptForms } from '../sessions/kept-forms.service.js';
import { acts } from '../sessions/domain/acts.js';
import { OpenTo, OpenToAct } from '../sessions/open-to.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { detailsForm } from './details.form.js';
import { detailsPage, refusedDetailsPage } from './details.page.js';
import { ProfileDetails } from './details.service.js';

const address = '/profile/details';

@Controller('profile/details')
export class DetailsController {
  constructor(
    @Inject(ProfileDetails) private readonly details: ProfileDetails,
    @Inject(KeptForms) private readonly keptForms: KeptForms,
    @Inject(Settings) private readonly settings: Settings,
  ) {
    keptForms.register('details', (visit, fields) => this.save(visit, fields));
  }

  @Get()
  @OpenTo('signedIn')
  show(@MemberVisited() { member }: MemberVisit, @Query('saved') saved: unknown): Answer {
    const { DEFAULT_COUNTRY: country } = this.settings.config;
    return detailsPage(member, { country, isSaved: saved === 'yes' });
  }

  @Post()
  @OpenToAct('details')
  async save(@MemberVisited() visit: MemberVisit, @Body() body: unknown): Promise<Answer> {
    const { DEFAULT_COUNTRY: country } = this.settings.config;
    const form = parseForm(detailsForm({ country, stored: visit.member }), body, acts.details.fields);
    if (!form.ok) return refusedDetailsPage(visit.member, { ...form, country });
    if ((await this.details.save(visit, form.value)) === 'saved') return new Redirect(`${address}?saved=yes`);
    return this.keptForms.keep(visit.session, { action: 'details', words: 'change your details', page: address, fields: form.kept });
  }
}
