/** Profile > Sessions: where the member is signed in. */
import { Body, Controller, Get, Inject, Post, Query } from '@nestjs/common';
import { type Answer, Redirect } from '../platform/answer.js';
import { type FormRefusal, parseForm } from '../platform/forms.js';
import { OpenTo } from '../sessions/open-to.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { OwnSessions } from './own-sessions.service.js';
import { endSessionForm } from './sessions.form.js';
import { sessionsPage } from './sessions.page.js';

const address = '/profile/sessions';

@Controller('profile/sessions')
export class SessionsController {
  constructor(@Inject(OwnSessions) private readonly sessions: OwnSessions) {}

  @Get()
  @OpenTo('signedIn')
  show(@MemberVisited() visit: MemberVisit, @Query('done') done: unknown): Promise<Answer> {
    return this.page(visit, { done });
  }

  @Post('end')
  @OpenTo('signedIn')
  async endOne(@MemberVisited() visit: MemberVisit, @Body() body: unknown): Promise<Answer> {
    const form = parseForm(endSessionForm, body);
    if (!form.ok) return this.page(visit, { refusal: { status: 422, errors: form.errors } });
    await this.sessions.endOne(visit, form.value.session);
    return new Redirect(`${address}?done=one`);
  }

  @Post('end-others')
  @OpenTo('signedIn')
  async endOthers(@MemberVisited() visit: MemberVisit): Promise<Answer> {
    await this.sessions.endOthers(visit);
    return new Redirect(`${address}?done=others`);
  }

  private async page(visit: MemberVisit, outcome: { readonly done?: unknown; readonly refusal?: FormRefusal }): Promise<Answer> {
    return sessionsPage(visit, await this.sessions.findAll(visit), outcome);
  }
}
