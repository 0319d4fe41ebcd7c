/** Organization > People > Invite people. Each act may have to wait for a step-up, and is judged anew when it is finished. */
import { Body, Controller, Get, Inject, NotFoundException, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { type Answer, Redirect } from '../platform/answer.js';
import { Clock } from '../platform/clock.js';
import { type Kept, parseForm } from '../platform/forms.js';
import { KeptForms } from '../sessions/kept-forms.service.js';
import { acts } from '../sessions/domain/acts.js';
import { OpenToAct, OpenToManagers } from '../sessions/open-to.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { type InvitationActResult, InvitationActs } from './invitation-acts.service.js';
import { InvitationLinks } from './invitation-links.service.js';
import { inviteForm, resendForm } from './invitation.form.js';
import { Invitations } from './invitations.service.js';
import { InviteReport } from './invite-report.js';
import { invitationOver, inviteAddress, type InviteOutcome, invitePage, noMail, notAllowed, tooManyInvitations } from './invite.page.js';

const asked = z.object({
  done: z.unknown().optional(),
  report: z.unknown().optional(),
  page: z.coerce.number().int().min(1).max(1_000_000).catch(1),
});
const isId = (id: string) => z.uuid().safeParse(id).success;
type Act = { readonly id: string; readonly action: 'resend' | 'withdraw'; readonly fields?: Kept };

@Controller('organization/people')
export class InviteController {
  constructor(
    @Inject(Invitations) private readonly invitations: Invitations,
    @Inject(InvitationActs) private readonly acts: InvitationActs,
    @Inject(InvitationLinks) private readonly links: InvitationLinks,
    @Inject(InviteReport) private readonly report: InviteReport,
    @Inject(KeptForms) private readonly keptForms: KeptForms,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    keptForms.register('invite', (visit, fields) => this.invite(visit, fields));
    keptForms.register('invitation-resend', (visit, fields) => this.resend(visit, fields['id'] ?? '', fields));
    keptForms.register('invitation-withdraw', (visit, fields) => this.withdraw(visit, fields['id'] ?? ''));
  }

  @Get('invite')
  @OpenToManagers()
  show(@MemberVisited() visit: MemberVisit, @Query() query: unknown): Promise<Answer> {
    const { done, report, page } = asked.parse({ ...asObject(query) });
    return this.page(visit, { done, report: this.report.read(visit, report) }, page);
  }

  @Post('invite')
  @OpenToAct('invite')
  async invite(@MemberVisited() visit: MemberVisit, @Body() body: unknown): Promise<Answer> {
    const form = parseForm(inviteForm, body, acts.invite.fields);
    const { kept } = form;
    if (!form.ok) return this.page(visit, { refusal: { status: 422, errors: form.errors }, kept });
    const result = await this.invitations.invite(visit, form.value);
    switch (result.outcome) {
      case 'done': {
        const done = result.invited > 0 ? 'invited' : 'none';
        const report = result.skipped.length > 0 ? { report: this.report.write(visit, result.skipped) } : {};
        return new Redirect(`${inviteAddress}?${new URLSearchParams({ done, ...report }).toString()}`);
      }
      case 'proof-needed': {
        const { emails } = form.value;
        const words = emails.length === 1 ? `invite ${emails[0] ?? ''}` : `invite ${emails.length} people`;
        return this.keptForms.keep(visit.session, { action: 'invite', words, page: inviteAddress, fields: kept });
      }
      case 'waiting':
        return this.page(visit, { refusal: tooManyInvitations(result.seconds), kept });
      case 'not-allowed':
        return this.page(visit, { refusal: notAllowed, kept });
      case 'no-mail':
        return this.page(visit, { refusal: noMail, kept });
    }
  }

  @Post('invitations/:id/resend')
  @OpenToAct('invitation-resend')
  async resend(@MemberVisited() visit: MemberVisit, @Param('id') id: string, @Body() body: unknown): Promise<Answer> {
    const form = parseForm(resendForm, body, acts['invitation-resend'].fields);
    if (!isId(id)) throw new NotFoundException();
    if (!form.ok) return this.page(visit, { refusal: { status: 422, errors: form.errors } });
    return this.answer(visit, await this.acts.resend(visit, id, form.value.sent), { id, action: 'resend', fields: form.kept });
  }

  @Post('invitations/:id/withdraw')
  @OpenToAct('invitation-withdraw')
  async withdraw(@MemberVisited() visit: MemberVisit, @Param('id') id: string): Promise<Answer> {
    if (!isId(id)) throw new NotFoundException();
    return this.answer(visit, await this.acts.withdraw(visit, id), { id, action: 'withdraw' });
  }

  private answer(visit: MemberVisit, result: InvitationActResult, { id, action, fields = {} }: Act): Answer | Promise<Answer> {
    switch (result.outcome) {
      case 'done':
        return new Redirect(`${inviteAddress}?done=${action}`);
      case 'proof-needed': {
        const words = action === 'resend' ? `send the invitation of ${result.email} again` : `withdraw the invitation of ${result.email}`;
        const toKeep = { action: `invitation-${action}` as const, words, page: inviteAddress, fields: { ...fields, id } };
        return this.keptForms.keep(visit.session, toKeep);
      }
      case 'not-found':
        throw new NotFoundException();
      case 'waiting':
        return this.page(visit, { refusal: tooManyInvitations(result.seconds) });
      case 'not-allowed':
        return this.page(visit, { refusal: notAllowed });
      case 'no-mail':
        return this.page(visit, { refusal: noMail });
      case 'over':
        return this.page(visit, { refusal: invitationOver });
    }
  }

  private async page(visit: MemberVisit, outcome: InviteOutcome, page = 1): Promise<Answer> {
    const list = await this.invitations.list(visit, page);
    return invitePage(visit, { ...list, page, canMail: this.links.canMail, now: this.clock.now() }, outcome);
  }
}

function asObject(query: unknown): object {
  return typeof query === 'object' && query ? query : {};
}
