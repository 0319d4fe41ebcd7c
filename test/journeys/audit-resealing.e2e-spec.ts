import { AuditChaining } from '../../src/audit/audit-chaining.service.js';
import { AuditRecordStore } from '../../src/audit/audit-record.store.js';
import { AuditResealing } from '../../src/audit/audit-resealing.service.js';
import { AuditVerification } from '../../src/audit/audit-verification.service.js';
import { hours } from '../../src/platform/clock.js';
import type { SecretKey } from '../../src/platform/secret-keys.js';
import { type Door, openDoor, testKey } from '../support/door.js';
import { addOrganization } from '../support/people.js';

const nextKey: SecretKey = { id: 'next', bytes: Buffer.alloc(32, 8) };
const batch = 5;
const forever = new AbortController().signal;

/** Under the old key alone, under both with the new one first, and under the new one alone. */
let old: Door;
let both: Door;
let next: Door;
let [acme, globex] = ['', ''];
beforeAll(async () => {
  const door = await openDoor();
  const { database, clock } = door;
  [old, both, next] = [
    door,
    await openDoor({ database, clock, keys: [nextKey, testKey] }),
    await openDoor({ database, clock, keys: [nextKey] }),
  ];
});
afterAll(() => Promise.all([old, both, next].map((door) => door.close())));
beforeEach(async () => {
  await old.database.auditRecord.deleteMany();
  await old.database.auditChain.deleteMany();
  await old.database.organization.deleteMany();
  acme = await addOrganization(old, 'Acme');
  globex = await addOrganization(old, 'Globex');
});

const write = (door: Door, count: number, organizationId = acme) => {
  const event = { organizationId, kind: 'sign-out', actor: 'gatehouse', address: undefined } as const;
  const events = Array.from({ length: count }, (_, number) => ({ ...event, details: { number } }));
  return door.app.get(AuditRecordStore).add(door.database, events, door.clock.now());
};
const chain = (door: Door) => door.app.get(AuditChaining).chainAll();
const verify = (door: Door) => door.app.get(AuditVerification).verify();
const reseal = (stop = forever, progress: (records: number) => void = () => undefined) =>
  both.app.get(AuditResealing).reseal({ stop, progress, batch });
/** Ends after one batch more, as a process that is stopped does. */
const resealOneBatch = () => {
  const stop = new AbortController();
  return reseal(stop.signal, () => stop.abort());
};
const resealedPosition = async () =>
  (await old.database.auditChain.findUniqueOrThrow({ where: { organizationId: acme } })).resealedPosition;
const at = (position: number) => ({ organizationId_position: { organizationId: acme, position } });

describe('sealing the audit anew', () => {
  it('lets the old key go: every record and the ends of each chain are under the new one', async () => {
    await write(old, 2 * batch + 2);
    await write(old, 3, globex);
    await chain(old);
    await write(old, 2);
    expect((await verify(next)).broken).not.toBeNull();
    expect(await reseal()).toEqual({ records: 2 * batch + 7, chains: 2, broken: [] });
    expect(await verify(next)).toEqual({ organizations: 2, records: 2 * batch + 7, broken: null });
    await write(next, 1);
    expect(await verify(next)).toMatchObject({ records: 2 * batch + 8, broken: null });
    expect(await reseal()).toEqual({ records: 0, chains: 0, broken: [] });
  });

  it('seals what was written under the old key after others under the new one, and everything behind it', async () => {
    await write(both, batch + 2);
    await chain(both);
    await write(old, 1);
    await chain(both);
    await write(both, 4);
    await chain(both);
    expect(await reseal()).toEqual({ records: 5, chains: 1, broken: [] });
    expect(await verify(next)).toMatchObject({ records: batch + 7, broken: null });
  });

  it('can be stopped after each batch, and goes on from there, while records are written', async () => {
    await write(old, 2 * batch + 2);
    await chain(old);
    for (const position of [batch, 2 * batch]) {
      expect(await resealOneBatch()).toMatchObject({ records: batch, broken: [] });
      expect(await resealedPosition()).toBe(position);
      await write(both, 1);
      expect(await verify(both)).toMatchObject({ broken: null });
      expect((await verify(next)).broken).not.toBeNull();
    }
    expect(await reseal()).toMatchObject({ records: 4, chains: 1, broken: [] });
    expect(await resealedPosition()).toBeNull();
    expect(await verify(next)).toMatchObject({ records: 2 * batch + 4, broken: null });
  });

  it.each([
    ['before', 2, 2 * batch],
    ['exactly', batch, 2 * batch],
    ['beyond', batch + 2, batch],
  ])('goes on where what is too old was removed meanwhile to %s where it had come', async (_, removed, left) => {
    const oldest = old.clock.now();
    await write(old, removed);
    old.clock.turn(hours(1));
    await write(old, 3 * batch - removed);
    await chain(old);
    await resealOneBatch();
    expect(await both.app.get(AuditChaining).removeBefore(new Date(oldest.getTime() + 1))).toBe(removed);
    expect(await verify(both)).toMatchObject({ records: 3 * batch - removed, broken: null });
    const { records, broken } = await reseal();
    expect(broken).toEqual([]);
    expect(records).toBeGreaterThanOrEqual(left);
    expect(await verify(next)).toMatchObject({ records: 3 * batch - removed, broken: null });
  });

  it('is done twice at the same moment, while others write and chain, and the chain is whole', async () => {
    await write(old, batch + 3);
    await chain(old);
    const others = Array.from({ length: 5 }, async () => {
      await write(both, 3);
      await chain(both);
    });
    const done = await Promise.all([reseal(), reseal(), ...others]);
    expect(done.flatMap((one) => one?.broken ?? [])).toEqual([]);
    expect(await verify(both)).toMatchObject({ records: batch + 18, broken: null });
    await reseal();
    expect(await verify(next)).toMatchObject({ records: batch + 18, broken: null });
  });
});

describe('a chain that was tampered with', () => {
  beforeEach(async () => {
    await write(old, batch + 4);
    await write(old, 2, globex);
    await chain(old);
  });

  it('is named and left as it is, and the others are sealed anew', async () => {
    await old.database.auditRecord.update({ where: at(batch + 2), data: { actor: 'somebody' } });
    const rows = () => old.database.auditRecord.findMany({ where: { organizationId: acme }, orderBy: { position: 'asc' } });
    const found = await rows();
    const broken = { organization: 'acme', position: batch + 2, what: 'the record was changed' };
    expect(await reseal()).toEqual({ records: 2, chains: 1, broken: [broken] });
    expect(await rows()).toEqual(found);
    expect((await verify(both)).broken).toEqual(broken);
  });

  it.each([
    ['a record', () => old.database.auditRecord.update({ where: at(batch + 2), data: { details: '{}' } }), 'the record was changed'],
    [
      'a link',
      () => old.database.auditRecord.update({ where: at(batch + 2), data: { link: 'x' } }),
      'the record does not follow the one before it',
    ],
    ['a record that is missing', () => old.database.auditRecord.delete({ where: at(batch + 2) }), 'a record is missing'],
    ['the end', () => old.database.auditRecord.delete({ where: at(batch + 4) }), 'records are missing at the end'],
  ])('is given no seal where that happens once it was found whole: %s', async (_, tamper, what) => {
    await resealOneBatch();
    await tamper();
    const verification = jest.spyOn(both.app.get(AuditVerification), 'findBreak').mockResolvedValue(undefined);
    expect((await reseal()).broken).toMatchObject([{ organization: 'acme', what }]);
    verification.mockRestore();
    expect((await verify(both)).broken).toMatchObject({ organization: 'acme', what });
    expect((await verify(next)).broken).not.toBeNull();
  });

  it.each([
    ['how far it has come', { resealedPosition: 3 }],
    ['the link that stood there', { resealedLink: 'x' }],
    ['that it is under way', { resealedPosition: null, resealedLink: null }],
  ])('is not gone on with from ends in which was changed: %s', async (_, data) => {
    await resealOneBatch();
    await old.database.auditChain.update({ where: { organizationId: acme }, data });
    const broken = { organization: 'acme', position: 0, what: 'the ends of the chain were changed' };
    expect((await reseal()).broken).toEqual([broken]);
    expect((await verify(both)).broken).toEqual(broken);
  });
});
