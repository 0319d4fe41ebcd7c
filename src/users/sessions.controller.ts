/** Profile > Sessions: where the member is signed in. */
import { Body, Controller, Get, Inject, Post, Query } from '@nestjs/common';
import { type Answer, Redirect } from '../platform/answer.js';
import { type FormRefusal, parseForm } from '../platform/forms.js';
import { acts } from '../sessions/domain/acts.js';
import { KeptForms } from '../sessions/kept-forms.service.js';
import { OpenTo, OpenToAct } from '../sessions/open-to.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { OwnSessions } from './own-sessions.service.js';
import { endSessionForm } from './sessions.form.js';
import { sessionsPage } from './sessions.page.js';

const address = '/profile/sessions';

@Controller('profile/sessions')
export class SessionsController {
  constructor(
    @Inject(OwnSessions) private readonly sessions: OwnSessions,
    @Inject(KeptForms) private readonly keptForms: KeptForms,
  ) {
    keptForms.register('session-end', (visit, fields) => this.endOne(visit, fields));
    keptForms.register('sessions-end-others', (visit) => this.endOthers(visit));
  }

  @Get()
  @OpenTo('signedIn')
  show(@MemberVisited() visit: MemberVisit, @Query('done') done: unknown): Promise<Answer> {
    return this.page(visit, { done });
  }

  @Post('end')
  @OpenToAct('session-end')
  async endOne(@MemberVisited() visit: MemberVisit, @Body() body: unknown): Promise<Answer> {
    const form = parseForm(endSessionForm, body, acts['session-end'].fields);
    if (!form.ok) return this.page(visit, { refusal: { status: 422, errors: form.errors } });
    if ((await this.sessions.endOne(visit, form.value.session)) === 'done') return new Redirect(`${address}?done=one`);
    return this.keptForms.keep(visit.session, { action: 'session-end', words: 'end a session', page: address, fields: form.kept });
  }

  @Post('end-others')
  @OpenToAct('sessions-end-others')
  async endOthers(@MemberVisited() visit: MemberVisit): Promise<Answer> {
    if ((await this.sessions.endOthers(visit)) === 'done') return new Redirect(`${address}?done=others`);
    const toKeep = { action: 'sessions-end-others' as const, words: 'end all your other sessions', page: address, fields: {} };
    return this.keptForms.keep(visit.session, toKeep);
  }

  private async page(visit: MemberVisit, outcome: { readonly done?: unknown; readonly refusal?: FormRefusal }): Promise<Answer> {
    return sessionsPage(visit, await this.sessions.findAll(visit), outcome);
  }
}
