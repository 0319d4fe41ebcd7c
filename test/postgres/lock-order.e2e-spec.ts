import { setTimeout as pause } from 'node:timers/promises';
import { ResetLinks } from '../../src/auth/reset-links.service.js';
import { type OpenedDatabase, openServer } from '../../src/platform/database.js';
import { MembershipStore } from '../../src/users/membership.store.js';
import { createTestDatabase, dropTestDatabase } from '../support/databases.js';
import { type Door, openDoor } from '../support/door.js';
import { linksTo } from '../support/links.js';
import { addAcme } from '../support/people.js';

const address = 'agnes@acme.test';

describe('a member whose row is held', () => {
  let url: string;
  let opened: OpenedDatabase;
  let door: Door;
  let acme: Awaited<ReturnType<typeof addAcme>>;
  beforeAll(async () => {
    url = await createTestDatabase();
    opened = openServer(url);
    door = await openDoor({ database: opened.database });
    acme = await addAcme(door);
    await door.database.user.update({ where: { id: acme.agnes }, data: { email: address } });
  });
  afterAll(async () => {
    await door.close();
    await opened.close();
    await dropTestDatabase(url);
  });

  it('is sent both links when a reset and a forgotten password meet, and neither fails for the other', async () => {
    const agnes = { userId: acme.agnes, username: 'agnes', email: address, organization: { id: acme.organizationId } };
    await door.database.$transaction(async (transaction) => {
      await door.app.get(MembershipStore).lock(transaction, acme.agnes);
      await door.browser().visitAndSubmit('/password/forgot', 'username', { username: 'agnes' });
      await pause(500);
      await door.app.get(ResetLinks).send(transaction, agnes, { kind: 'two-factor-reset' });
    });
    expect(await linksTo(door, address)).toHaveLength(2);
  });
});
