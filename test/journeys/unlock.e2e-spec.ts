import { Audit } from '../../src/audit/audit.service.js';
import { PasswordGuessing } from '../../src/auth/password-guessing.service.js';
import { unlock } from '../../src/auth/unlock.service.js';
import { CodeTriesStore } from '../../src/mfa/code-tries.store.js';
import { codeLimits } from '../../src/mfa/domain/code-limits.js';
import { hours } from '../../src/platform/clock.js';
import { UserStore } from '../../src/users/user.store.js';
import { type Door, openDoor } from '../support/door.js';
import { addAcme, enroll, password } from '../support/people.js';

describe('unlocking', () => {
  let door: Door;
  let acme: Awaited<ReturnType<typeof addAcme>>;
  beforeEach(async () => {
    door = await openDoor();
    acme = await addAcme(door, { twoFactorRequired: true });
  });
  afterEach(() => door.close());

  const partsOf = ({ app, database }: Door) => ({
    database,
    users: app.get(UserStore),
    codeTries: app.get(CodeTriesStore),
    guessing: app.get(PasswordGuessing),
    audit: app.get(Audit),
  });

  it('ends the wait after wrong passwords', async () => {
    for (let tries = 0; tries < 6; tries += 1) await door.browser().signIn('olga', 'wrong password');
    expect((await door.browser().signIn('olga', password)).status).toBe(429);
    expect(await unlock(partsOf(door), ' OLGA ')).toBe('olga');
    expect((await door.browser().signIn('olga', password)).path).toBe('/two-factor/enroll');
  });

  it('opens a closed second factor', async () => {
    const key = await enroll(door, acme.agnes);
    const { codeTries } = partsOf(door);
    for (let tries = 0; tries < 20; tries += 1) {
      await door.database.ask(codeTries.charging(acme.agnes, codeLimits(1), door.clock.now()));
      door.clock.turn(hours(1));
    }
    expect(await codeTries.findStanding(acme.agnes, door.clock.now())).toEqual({ state: 'closed' });
    expect(await unlock(partsOf(door), 'agnes')).toBe('agnes');
    const record = { organizationId: acme.organizationId, actorId: null, actor: 'operator', subject: 'agnes', address: null };
    expect(await door.database.auditRecord.findMany({ where: { kind: 'second-factor-opened' } })).toMatchObject([record]);
    const browser = door.browser();
    const page = await browser.signIn('agnes', password);
    expect((await browser.submit(page, 'code', { code: door.codeOf(key) })).signedInAs).toBe('agnes');
  });

  it('does nothing for a username that nobody has', async () => {
    expect(await unlock(partsOf(door), 'nobody')).toBeUndefined();
  });
});
