import { setTimeout as pause } from 'node:timers/promises';
import { minutes, seconds } from '../../src/platform/clock.js';
import { InvitationLinks } from '../../src/people/invitation-links.service.js';
import { type ActName, acts } from '../../src/sessions/domain/acts.js';
import { RouteTable } from '../../src/sessions/route-table.js';
import { hashOfToken } from '../../src/sessions/session-token.js';
import type { PageSeen } from '../support/browser.js';
import type { Door } from '../support/door.js';
import { bodyOf, EveryPost, number, openAttackedDoor, type Post, valuesOf } from '../support/every-post.js';
import { enroll } from '../support/people.js';
import { changesBetween, rowsOf } from '../support/rows.js';
import { codeTo } from '../support/sent.js';

/**
 * What changes nothing of anybody's: an export reads, and "I have kept them" is about the session itself. A message to the member's
 * own number was asked for while the session stood, and its code is stored only while it does.
 */
const notJudgedAgain: readonly ActName[] = ['people-export', 'audit-export', 'recovery-codes-kept', 'number-test-send'];

describe('an act that waits while its session is ended', () => {
  let door: Door;
  let world: EveryPost;
  beforeAll(async () => {
    door = await openAttackedDoor();
    world = await EveryPost.open(door);
  });
  afterAll(() => door.close());

  const actOf = ({ route }: Post) =>
    door.app.get(RouteTable).routes.find(({ method, path }) => method === 'POST' && path === route)?.declaration?.act;
  const sessionOf = ({ by }: Pick<Post, 'by'>) =>
    door.database.session.findUniqueOrThrow({
      where: { tokenHash: hashOfToken(by.sessionCookie ?? '') },
      include: { user: true, pending: true, smsCodes: true },
    });
  const isWaiting = async () => {
    const rows = await door.database.$queryRaw<unknown[]>`
      SELECT 1 AS one FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    return rows.length > 0;
  };

  /** Until it waits for a row that is held here, or did not have to. */
  const underWay = async (sending: Promise<PageSeen>) => {
    const answered = sending.then(() => true);
    while (!(await isWaiting())) if (await Promise.race([answered, pause(10).then(() => false)])) return;
  };

  /** Holds what every act asks for first, and ends the session that posts before it is let go. */
  const postWhileEnded = async (post: Post): Promise<PageSeen> => {
    const { id, userId, user } = await sessionOf(post);
    let sending: Promise<PageSeen> | undefined;
    await door.database.$transaction(async (transaction) => {
      await transaction.$queryRaw`SELECT id FROM organizations WHERE id = ${user.organizationId}::uuid FOR NO KEY UPDATE`;
      await transaction.$queryRaw`SELECT id FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE`;
      await transaction.session.delete({ where: { id } });
      sending = post.by.clone().send('POST', post.path, bodyOf(post));
      await underWay(sending);
    });
    return sending!;
  };
  /** An ended session changes no ways in, which other tests show, and no name either. */
  const withNameAlone = (post: Post): Post =>
    actOf(post) === 'details'
      ? { ...post, fields: { ...post.fields, email: { kind: 'email', value: world.member('agnes').email } } }
      : post;
  const doneOnRecord = () => door.database.auditRecord.count({ where: { outcome: 'DONE', kind: { not: 'mail-failed' } } });

  it('changes nothing, whatever it is; and is done where the session stands', async () => {
    const posts = (await world.posts()).filter((post) => actOf(post)).map(withNameAlone);
    const violations = [];
    for (const post of posts) {
      const act = actOf(post)!;
      if (!notJudgedAgain.includes(act)) {
        const { user: _, pending, smsCodes, ...session } = await sessionOf(post);
        const [before, done] = [await rowsOf(door.database), await doneOnRecord()];
        const { status } = await postWhileEnded(post);
        const changes = changesBetween(before, await rowsOf(door.database))
          // What went with the session, and that a try was counted.
          .filter(({ what, row }) => !(what.endsWith('-') && [row['id'], row['session_id']].includes(session.id)))
          .filter(({ table }) => table !== 'code_tries');
        const isRefused = acts[act].by.length < 3 ? status === 403 : (await post.by.clone().get('/')).path === '/login';
        const recorded = (await doneOnRecord()) - done;
        if (!isRefused || changes.length > 0 || recorded > 0)
          violations.push({ act, status, recorded, changes: changes.map(({ what }) => what) });
        await door.database.session.create({ data: session });
        await door.database.smsCode.createMany({ data: smsCodes });
        await door.database.pendingAuthenticator.createMany({ data: pending ? [pending] : [] });
      }
      const { status } = await post.by.send('POST', post.path, bodyOf(post));
      if (![200, 303].includes(status)) violations.push({ act, status, fields: valuesOf(post.fields) });
    }
    expect(violations).toEqual([]);
    expect(posts.map(actOf).sort()).toEqual(Object.keys(acts).sort());
  });

  it('verifies no number by a code whose session is ended while it is used up', async () => {
    const { id } = world.member('nora');
    await door.database.user.update({ where: { id }, data: { smsEnabled: true } });
    door.clock.turn(minutes(2));
    const { browser } = await world.signIn('nora');
    const page = await browser.visitAndSubmit('/profile/number-test', '/profile/number-test/sms');
    const code = await codeTo(door, number);
    let sending: Promise<PageSeen> | undefined;
    await door.database.$transaction(async (transaction) => {
      await transaction.$queryRaw`SELECT id FROM users WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
      sending = browser.submit(page, 'code', { code });
      await underWay(sending);
      await transaction.session.deleteMany({ where: { userId: id } });
    });
    await sending;
    expect(await door.database.user.findUniqueOrThrow({ where: { id } })).toMatchObject({ phoneVerifiedAt: null });
  });

  it('makes no recovery codes for a member whose second factor is taken away at that moment', async () => {
    const { id } = world.member('lars');
    const { browser, token } = await world.signIn('lars');
    let sending: Promise<PageSeen> | undefined;
    await door.database.$transaction(async (transaction) => {
      await transaction.$queryRaw`SELECT id FROM users WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
      await transaction.authenticator.delete({ where: { userId: id } });
      sending = browser.send('POST', '/profile/recovery-codes', new URLSearchParams({ _csrf: token }));
      await underWay(sending);
    });
    expect((await sending)?.headers.get('location')).toBe('/profile/security');
    expect(await door.database.recoveryCode.count({ where: { userId: id } })).toBe(0);
  });

  it.each([
    ['is ended', (id: string) => door.database.session.deleteMany({ where: { userId: id } })],
    ['has its role taken', (id: string) => door.database.user.update({ where: { id }, data: { role: 'ADMIN' } })],
  ])('invites nobody more when its session %s between two of the addresses', async (how, happen) => {
    const { id } = world.member('rolf');
    await door.database.user.update({ where: { id }, data: { role: 'OWNER' } });
    await door.database.authenticator.deleteMany({ where: { userId: id } });
    world.members.set('rolf', { ...world.member('rolf'), key: await enroll(door, id) });
    door.clock.turn(seconds(30));
    const { browser } = await world.signIn('rolf');
    const page = await browser.get('/organization/people/invite');
    const links = door.app.get(InvitationLinks);
    const takeRoom = links.takeRoom.bind(links);
    const emails = ['first', 'second', 'third'].map((name) => `${name}.${how.replaceAll(' ', '.')}@many.test`);
    const taken = jest.spyOn(links, 'takeRoom').mockImplementation(async (visit, email) => {
      if (email === emails[1]) await happen(id);
      return takeRoom(visit, email);
    });
    const seen = await browser.submit(page, 'emails', { emails: emails.join('\n'), role: 'OWNER' });
    expect(taken).toHaveBeenCalledTimes(2);
    taken.mockRestore();
    const invited = await door.database.invitation.findMany({ where: { email: { in: emails } } });
    expect(invited.map(({ email }) => email)).toEqual([emails[0]]);
    if (how === 'is ended') expect(seen.path).toBe('/login');
    else expect(seen.testId('skipped')).toMatch(/second\.has\S+ not any more.*third\.has\S+ not any more/s);
  });
});
