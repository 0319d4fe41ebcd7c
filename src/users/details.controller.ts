import { Body, Controller, Get, Inject, Post, Query } from '@nestjs/common';
import { type Answer, Redirect } from '../platform/answer.js';
import { parseForm } from '../platform/forms.js';
import { OpenTo } from '../sessions/open-to.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { detailsForm, detailsKept } from './details.form.js';
import { detailsPage, refusedDetailsPage } from './details.page.js';
import { UserStore } from './user.store.js';

@Controller('profile/details')
export class DetailsController {
  constructor(@Inject(UserStore) private readonly users: UserStore) {}

  @Get()
  @OpenTo('signedIn')
  async show(@MemberVisited() { member }: MemberVisit, @Query('saved') saved: unknown): Promise<Answer> {
    const details = await this.users.findDetails(member.userId);
    return detailsPage(member, details ?? { name: member.name, email: null }, { isSaved: saved === 'yes' });
  }

  @Post()
  @OpenTo('signedIn')
  async save(@MemberVisited() { member }: MemberVisit, @Body() body: unknown): Promise<Answer> {
    const form = parseForm(detailsForm, body, detailsKept);
    if (!form.ok) return refusedDetailsPage(member, form);
    await this.users.saveDetails(member.userId, form.value);
    return new Redirect('/profile/details?saved=yes');
  }
}
