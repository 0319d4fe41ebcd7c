/** Acts on one member. Each may have to wait for a step-up, and is judged anew when it is finished. */
import { Body, Controller, Inject, NotFoundException, Param, Post } from '@nestjs/common';
import { type Answer, Redirect } from '../platform/answer.js';
import { type FormRefusal, type Kept, parseForm } from '../platform/forms.js';
import { KeptForms } from '../sessions/kept-forms.service.js';
import { acts, type MemberActName } from '../sessions/domain/acts.js';
import { OpenToAct } from '../sessions/open-to.js';
import { roleNames } from '../sessions/role-names.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import type { ActOutcome } from './member-acts.service.js';
import { Membership } from './membership.service.js';
import { PeopleList } from './people-list.service.js';
import { resetForm, roleForm } from './people.form.js';
import { peopleAddress, readPeopleQuery } from './people.query.js';
import { TwoFactorReset } from './two-factor-reset.service.js';

/** `words` say what it does; `done` names the notice. */
type Act = {
  readonly username: string;
  readonly action: MemberActName;
  readonly words: string;
  readonly done: string;
  readonly fields?: Kept;
};

@Controller('organization/people/:username')
export class MemberController {
  constructor(
    @Inject(Membership) private readonly membership: Membership,
    @Inject(TwoFactorReset) private readonly twoFactorReset: TwoFactorReset,
    @Inject(PeopleList) private readonly people: PeopleList,
    @Inject(KeptForms) private readonly keptForms: KeptForms,
  ) {
    const named = ({ username = '' }: Kept) => username;
    keptForms.register('member-role', (visit, fields) => this.changeRole(visit, named(fields), fields));
    keptForms.register('member-deactivate', (visit, fields) => this.deactivate(visit, named(fields)));
    keptForms.register('member-reactivate', (visit, fields) => this.reactivate(visit, named(fields)));
    keptForms.register('member-unlock', (visit, fields) => this.unlock(visit, named(fields)));
    keptForms.register('member-reset', (visit, fields) => this.reset(visit, named(fields), fields));
    keptForms.register('member-refuse', (visit, fields) => this.refuseLostPhone(visit, named(fields)));
  }

  @Post('role')
  @OpenToAct('member-role')
  async changeRole(@MemberVisited() visit: MemberVisit, @Param('username') username: string, @Body() body: unknown): Promise<Answer> {
    const form = parseForm(roleForm, body, acts['member-role'].fields);
    if (!form.ok) return this.refuse(visit, username, { status: 422, errors: form.errors }, form.kept);
    const { role } = form.value;
    const words = `make ${username} ${roleNames[role].toLowerCase()}`;
    const outcome = await this.membership.changeRole(visit, username, role);
    return this.answer(visit, outcome, { username, action: 'member-role', words, done: 'role', fields: form.kept });
  }

  @Post('deactivate')
  @OpenToAct('member-deactivate')
  async deactivate(@MemberVisited() visit: MemberVisit, @Param('username') username: string): Promise<Answer> {
    const outcome = await this.membership.deactivate(visit, username);
    return this.answer(visit, outcome, { username, action: 'member-deactivate', words: `deactivate ${username}`, done: 'deactivate' });
  }

  @Post('reactivate')
  @OpenToAct('member-reactivate')
  async reactivate(@MemberVisited() visit: MemberVisit, @Param('username') username: string): Promise<Answer> {
    const outcome = await this.membership.reactivate(visit, username);
    return this.answer(visit, outcome, {
      username,
      action: 'member-reactivate',
      words: `make ${username} active again`,
      done: 'reactivate',
    });
  }

  @Post('unlock')
  @OpenToAct('member-unlock')
  async unlock(@MemberVisited() visit: MemberVisit, @Param('username') username: string): Promise<Answer> {
    const outcome = await this.membership.unlock(visit, username);
    return this.answer(visit, outcome, { username, action: 'member-unlock', words: `end the waits of ${username}`, done: 'unlock' });
  }

  @Post('reset-two-factor')
  @OpenToAct('member-reset')
  async reset(@MemberVisited() visit: MemberVisit, @Param('username') username: string, @Body() body: unknown): Promise<Answer> {
    const form = parseForm(resetForm, body, acts['member-reset'].fields);
    if (!form.ok) return this.refuse(visit, username, { status: 422, errors: form.errors }, form.kept);
    const { outcome, hasNewPassword } = await this.twoFactorReset.reset(visit, username, form.value);
    const done = hasNewPassword ? 'reset-with-password' : 'reset';
    const words = `reset the two-factor authentication of ${username}`;
    return this.answer(visit, outcome, { username, action: 'member-reset', words, done, fields: form.kept });
  }

  @Post('refuse-lost-phone')
  @OpenToAct('member-refuse')
  async refuseLostPhone(@MemberVisited() visit: MemberVisit, @Param('username') username: string): Promise<Answer> {
    const outcome = await this.twoFactorReset.refuseLostPhone(visit, username);
    return this.answer(visit, outcome, { username, action: 'member-refuse', words: `refuse the request of ${username}`, done: 'refuse' });
  }

  private answer(visit: MemberVisit, outcome: ActOutcome, { username, action, words, done, fields = {} }: Act): Answer | Promise<Answer> {
    switch (outcome) {
      case 'done':
        return new Redirect(`${addressOf(username)}&done=${done}`);
      case 'proof-needed':
        return this.keptForms.keep(visit.session, { action, words, page: addressOf(username), fields: { ...fields, username } });
      case 'not-found':
        throw new NotFoundException();
      case 'not-allowed':
        return this.refuse(visit, username, notAllowed);
      case 'last-owner':
        return this.refuse(visit, username, lastOwner);
      case 'request-over':
        return this.refuse(visit, username, requestOver);
    }
  }

  /** The page again, with that member on it. */
  private refuse(visit: MemberVisit, username: string, refusal: FormRefusal, kept: Kept = {}): Promise<Answer> {
    return this.people.show(visit, readPeopleQuery({ q: username, filter: 'all' }), { refused: { username, refusal, kept } });
  }
}

function addressOf(username: string): string {
  return peopleAddress(readPeopleQuery({ q: username, filter: 'all' }));
}

const notAllowed: FormRefusal = {
  status: 403,
  errors: [{ field: '', message: 'You may not do this to that member: only an owner touches an owner, and nobody their own access.' }],
};

const requestOver: FormRefusal = {
  status: 422,
  errors: [{ field: '', message: 'Nothing was reset: that request for help was withdrawn or refused, or its time is over.' }],
};

const lastOwner: FormRefusal = {
  status: 422,
  errors: [{ field: '', message: 'An organization keeps one active owner. Make another member an owner first.' }],
};
