/** People at every stage of the door, each with a post that is ready to go: before, during and after something breaks. */
import { AuditChaining } from '../../src/audit/audit-chaining.service.js';
import { AuditVerification } from '../../src/audit/audit-verification.service.js';
import { hours } from '../../src/platform/clock.js';
import { type Browser, type Fields, formOf, type PageSeen } from './browser.js';
import type { Door } from './door.js';
import { addPerson, enroll, giveNumber, password } from './people.js';
import { linksTo } from './links.js';

const configuration = '/organization/configuration';
const recovery = '/two-factor/recovery';
const chosen = 'a new horse battery staple 7';

export type Act = { readonly name: string; post(): Promise<PageSeen>; expectDone(answer: PageSeen): Promise<void> };

/** One post of a form without following where it leads. */
function post(browser: Browser, page: PageSeen, which: string, fields: Fields = {}): () => Promise<PageSeen> {
  const { action, values } = formOf(page, which);
  return () => browser.send('POST', action, new URLSearchParams({ ...values, ...fields }));
}

const leadsTo = (path: string) => (answer: PageSeen) => {
  expect([answer.status, answer.headers.get('location')]).toEqual([303, path]);
  return Promise.resolve();
};

let budget = 77;

export class FaultCast {
  private constructor(
    private readonly door: Door,
    readonly userIds: readonly string[],
    /** Signed in. */
    readonly olga: Browser,
    readonly acts: readonly Act[],
  ) {}

  /** @param organizationId of an organization that requires two-factor and allows SMS */
  static async gather(door: Door, organizationId: string, name: string): Promise<FaultCast> {
    // A fresh hour each: what the cast before was counted for is over.
    door.clock.turn(hours(1));
    const add = (who: string, role: 'OWNER' | 'AGENT' = 'AGENT') => addPerson(door, { organizationId, username: `${who}-${name}`, role });
    const [olgaId, adamId, ritaId, agnesId, borisId] = [
      await add('olga', 'OWNER'),
      await add('adam'),
      await add('rita'),
      await add('agnes'),
      await add('boris'),
    ];
    const enter = async (who: string, browser = door.browser()) => [browser, await browser.signIn(`${who}-${name}`, password)] as const;
    const [olgaKey, adamKey] = [await enroll(door, olgaId), await enroll(door, adamId)];
    await giveNumber(door, adamId, numberOf(name));
    await door.database.user.update({ where: { id: borisId }, data: { email: `boris-${name}@acme.test` } });

    const [olga, olgaAsked] = await enter('olga');
    await olga.submit(olgaAsked, 'code', { code: door.codeOf(olgaKey) });
    const [rita, ritaShown] = await enter('rita');
    const codes = (await rita.submit(ritaShown, 'code', { code: door.codeOf(ritaShown.key) })).$('[data-testid="recovery-code"]');
    const [again] = await enter('rita');
    const [adam, adamAsked] = await enter('adam');
    const [agnes, agnesShown] = await enter('agnes');
    const [visitor, asking] = [door.browser(), door.browser()];
    await asking.visitAndSubmit('/password/forgot', 'username', { username: `boris-${name}` });
    const linked = door.browser();
    const [link = ''] = await linksTo(door, `boris-${name}@acme.test`);
    const configured = await olga.get(configuration);
    const smsMonthlyBudget = String((budget += 1));

    const acts: Act[] = [
      {
        name: 'a right password',
        post: post(visitor, await visitor.get('/login'), 'password', { username: `adam-${name}`, password }),
        expectDone: leadsTo('/two-factor/challenge'),
      },
      {
        name: 'a link for a new password is asked for',
        post: post(asking, await asking.get('/password/forgot'), 'username', { username: `olga-${name}` }),
        expectDone: (answer) => Promise.resolve(expect(answer.status).toBeLessThan(400)),
      },
      {
        name: 'a new password by a link',
        post: post(linked, await linked.get(link), 'password', { password: chosen }),
        expectDone: leadsTo('/login?notice=password-reset'),
      },
      {
        name: 'a code by SMS is asked for',
        post: post(adam, adamAsked, '/two-factor/challenge/sms'),
        expectDone: leadsTo('/two-factor/challenge'),
      },
      { name: 'a right code', post: post(adam, adamAsked, 'code', { code: door.codeOf(adamKey) }), expectDone: leadsTo('/') },
      {
        name: 'a recovery code',
        post: post(again, await again.get(recovery), 'recoveryCode', { recoveryCode: codes.first().text() }),
        expectDone: leadsTo('/'),
      },
      {
        name: 'the first code of an enrollment',
        post: post(agnes, agnesShown, 'code', { code: door.codeOf(agnesShown.key) }),
        expectDone: async (answer) => {
          expect(answer.status).toBe(303);
          expect((await agnes.get('/profile/recovery-codes')).$('[data-testid="recovery-code"]')).toHaveLength(10);
        },
      },
      {
        name: 'the policy is changed',
        post: post(olga, configured, 'smsMonthlyBudget', { smsMonthlyBudget }),
        expectDone: async (answer) => {
          expect(answer.status).toBe(303);
          expect((await olga.get(configuration)).$('input[name="smsMonthlyBudget"]').val()).toBe(smsMonthlyBudget);
        },
      },
      { name: 'signing out', post: post(olga, configured, '/logout'), expectDone: leadsTo('/login?notice=signed-out') },
    ];
    return new FaultCast(door, [olgaId, adamId, ritaId, agnesId, borisId], olga, acts);
  }

  act(name: string): Act {
    const found = this.acts.find((act) => act.name === name);
    if (!found) throw new Error(`nobody does this: ${name}`);
    return found;
  }

  /** Each post once more, exactly as it was sent before, in turn. */
  async expectAllDone(): Promise<void> {
    for (const act of this.acts) await act.expectDone(await act.post()).catch((error: unknown) => fail(act.name, error));
    await this.door.app.get(AuditChaining).chainAll();
    expect((await this.door.app.get(AuditVerification).verify()).broken).toBeNull();
  }

  /** Waits, for what is owed is given back behind the answers. */
  async expectNoTryCharged(): Promise<void> {
    for (let looks = 0; (await this.countTries()) > 0; looks += 1) {
      if (looks === 100) throw new Error(`tries stay charged: ${JSON.stringify(await this.tries())}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  private async countTries(): Promise<number> {
    return (await this.tries()).reduce((sum, count) => sum + count, 0);
  }

  private async tries(): Promise<number[]> {
    const { database } = this.door;
    const where = { userId: { in: [...this.userIds] } };
    const [codes, recoveries, sessions, passwords] = [
      await database.codeTries.findMany({ where }),
      await database.recoveryTries.findMany({ where }),
      await database.session.findMany({ where }),
      await database.passwordTries.findMany(),
    ];
    const counts = [...codes.map((row) => row.failedInRow), ...recoveries.map((row) => row.failedInRow)];
    return [...counts, ...sessions.map((row) => row.failedCodes), ...passwords.map((row) => row.failed)];
  }
}

function numberOf(name: string): string {
  const digits = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 10_000_000, 7);
  return `+316${String(digits + 10_000_000).slice(0, 8)}`;
}

function fail(name: string, error: unknown): never {
  throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
}
