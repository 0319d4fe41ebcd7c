import { AuditChaining } from '../../src/audit/audit-chaining.service.js';
import { AuditRecordStore } from '../../src/audit/audit-record.store.js';
import { AuditVerification } from '../../src/audit/audit-verification.service.js';
import { Audit } from '../../src/audit/audit.service.js';
import { hours } from '../../src/platform/clock.js';
import { Sweeper } from '../../src/platform/sweeper.js';
import { type Door, openDoor } from '../support/door.js';
import { addAcme, addOrganization } from '../support/people.js';

let door: Door;
let organizationId: string;
beforeEach(async () => {
  door = await openDoor();
  ({ organizationId } = await addAcme(door));
});
afterEach(() => door.close());

const record = (id: string | null = organizationId, details: Record<string, number> = {}) =>
  door.app
    .get(Audit)
    .record(door.database, { organizationId: id ?? undefined, kind: 'sign-out', actor: 'gatehouse', address: '192.0.2.1', details });
const write = async (count: number, id = organizationId) => {
  for (let number = 1; number <= count; number += 1) {
    await record(id, { number });
    door.clock.turn(1);
  }
};
const chain = () => door.app.get(AuditChaining).chainAll();
const verify = () => door.app.get(AuditVerification).verify();
const positions = async (id = organizationId) =>
  (await door.database.auditRecord.findMany({ where: { organizationId: id }, orderBy: { position: 'asc' } })).map(
    ({ position }) => position,
  );

describe('a chain of records', () => {
  it('holds each organization’s own, in the order in which they were written', async () => {
    const globex = await addOrganization(door, 'Globex');
    await write(3);
    await write(2, globex);
    await record(null);
    await chain();
    await write(2);
    expect(await verify()).toEqual({ organizations: 3, records: 8, broken: null });
    expect([await positions(), await positions(globex)]).toEqual([
      [1, 2, 3, 4, 5],
      [1, 2],
    ]);
    const rows = await door.database.auditRecord.findMany({ where: { organizationId }, orderBy: { position: 'asc' } });
    expect(rows.map(({ details }) => details)).toEqual([1, 2, 3, 1, 2].map((number) => `{"number":${number}}`));
  });

  it('takes a record with the change that it tells of, or not at all', async () => {
    await expect(
      door.database.$transaction(async (transaction) => {
        await door.app.get(Audit).record(transaction, { organizationId, kind: 'sign-out', actor: 'gatehouse', address: undefined });
        throw new Error('taken back');
      }),
    ).rejects.toThrow('taken back');
    expect(await verify()).toEqual({ organizations: 0, records: 0, broken: null });
  });

  it('is one, whoever writes and whoever chains at the same moment', async () => {
    const writers = Array.from({ length: 40 }, () => record());
    const chainers = Array.from({ length: 8 }, chain);
    await Promise.all([...writers, ...chainers]);
    expect(await verify()).toEqual({ organizations: 1, records: 40, broken: null });
    expect(await positions()).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });

  it('is longer than one batch', async () => {
    const event = { organizationId, kind: 'sign-out', actor: 'gatehouse', address: undefined } as const;
    await door.app.get(AuditRecordStore).add(
      door.database,
      Array.from({ length: 1_203 }, () => event),
      door.clock.now(),
    );
    expect(await verify()).toEqual({ organizations: 1, records: 1_203, broken: null });
  });
});

describe('a chain that was tampered with', () => {
  const at = (position: number) => ({ organizationId_position: { organizationId, position } });
  const broken = async () => (await verify()).broken;
  beforeEach(async () => {
    await write(5);
    await chain();
  });

  it.each([
    ['who', { actor: 'somebody' }],
    ['what', { kind: 'sign-in' }],
    ['the outcome', { outcome: 'REFUSED' as const }],
    ['when', { at: new Date('2020-01-01') }],
    ['from where', { address: null }],
    ['to whom', { subject: 'agnes' }],
    ['the details', { details: '{"number":4}' }],
    ['its own hash', { mac: 'x' }],
  ])('names the record in which was changed: %s', async (_, data) => {
    await door.database.auditRecord.update({ where: at(3), data });
    expect(await broken()).toEqual({ organization: 'acme', position: 3, what: 'the record was changed' });
  });

  it('names the first of several', async () => {
    await door.database.auditRecord.update({ where: at(4), data: { actor: 'x' } });
    await door.database.auditRecord.update({ where: at(2), data: { actor: 'x' } });
    expect(await broken()).toMatchObject({ position: 2 });
  });

  it('misses a record that was removed: in the middle, at the beginning, at the end', async () => {
    const { mac: _, ...row } = await door.database.auditRecord.findUniqueOrThrow({ where: at(3) });
    for (const [position, what] of [
      [3, 'a record is missing'],
      [1, 'a record is missing'],
      [5, 'records are missing at the end'],
    ] as const) {
      const gone = await door.database.auditRecord.delete({ where: at(position) });
      expect(await broken()).toEqual({ organization: 'acme', position, what });
      await door.database.auditRecord.create({ data: gone });
    }
    expect(row.position).toBe(3);
    expect(await broken()).toBeNull();
  });

  it('misses the end, also when the chain is said to be shorter', async () => {
    const last = await door.database.auditRecord.findUniqueOrThrow({ where: at(4) });
    await door.database.auditRecord.delete({ where: at(5) });
    await door.database.auditChain.updateMany({ data: { lastPosition: 4, lastLink: last.link ?? '' } });
    expect(await broken()).toEqual({ organization: 'acme', position: 0, what: 'the ends of the chain were changed' });
    await door.database.auditChain.deleteMany();
    expect(await broken()).toMatchObject({ what: 'the ends of the chain were changed' });
  });

  it.each([
    ['say that it is shorter', { lastPosition: 4 }],
    ['say that it begins later', { firstPosition: 3 }],
  ])('is neither continued nor shortened from ends that %s', async (_, said) => {
    const reached = await door.database.auditRecord.findUniqueOrThrow({ where: at('lastPosition' in said ? 4 : 2) });
    const link = reached.link ?? '';
    if ('lastPosition' in said) await door.database.auditRecord.delete({ where: at(5) });
    else await door.database.auditRecord.deleteMany({ where: { position: { lt: 3 } } });
    await door.database.auditChain.updateMany({
      data: { ...said, ...('lastPosition' in said ? { lastLink: link } : { firstLink: link }) },
    });
    await write(2);
    await chain();
    await door.app.get(AuditChaining).removeBefore(new Date('2020-01-01'));
    expect(await broken()).toEqual({ organization: 'acme', position: 0, what: 'the ends of the chain were changed' });
  });

  it('is not begun anew where its ends were removed, and keeps no other organization from its own', async () => {
    await door.database.auditChain.deleteMany();
    const globex = await addOrganization(door, 'Globex');
    await write(1);
    await write(1, globex);
    await chain();
    expect([await positions(), await positions(globex)]).toEqual([[1, 2, 3, 4, 5, null], [1]]);
    expect(await broken()).toEqual({ organization: 'acme', position: 0, what: 'the ends of the chain were changed' });
  });

  it('keeps records that somebody dates back, for the verification to find', async () => {
    await door.database.auditRecord.updateMany({ where: { position: { lte: 3 } }, data: { at: new Date('2020-01-01') } });
    await door.app.get(Sweeper).sweepAll();
    expect(await positions()).toEqual([1, 2, 3, 4, 5]);
    expect(await broken()).toEqual({ organization: 'acme', position: 1, what: 'the record was changed' });
  });

  it('notices records that changed places, and one of another organization', async () => {
    const [two, three] = [
      await door.database.auditRecord.delete({ where: at(2) }),
      await door.database.auditRecord.delete({ where: at(3) }),
    ];
    await door.database.auditRecord.createMany({
      data: [
        { ...two, position: 3, link: three.link },
        { ...three, position: 2, link: two.link },
      ],
    });
    expect(await broken()).toEqual({ organization: 'acme', position: 2, what: 'the record does not follow the one before it' });
    await door.database.auditRecord.deleteMany();
    await door.database.auditRecord.createMany({ data: [two, three] });
    expect(await broken()).toMatchObject({ position: 1, what: 'a record is missing' });
  });

  it('notices a record that was put at its end', async () => {
    const last = await door.database.auditRecord.findUniqueOrThrow({ where: at(5) });
    await door.database.auditRecord.create({ data: { ...last, id: organizationId, position: 6 } });
    expect(await broken()).toEqual({ organization: 'acme', position: 6, what: 'a record stands outside of the chain' });
  });
});

describe('old records', () => {
  it('are removed however many there are', async () => {
    const event = { organizationId, kind: 'sign-out', actor: 'gatehouse', address: undefined } as const;
    const events = Array.from({ length: 1_203 }, () => event);
    await door.app.get(AuditRecordStore).add(door.database, events, door.clock.now());
    await chain();
    door.clock.turn(hours(24 * 366));
    await write(1);
    expect(await verify()).toMatchObject({ records: 1_204, broken: null });
    await door.app.get(Sweeper).sweepAll();
    expect(await positions()).toEqual([1_204]);
    expect(await verify()).toEqual({ organizations: 1, records: 1, broken: null });
  });

  it('are removed after 365 days from the beginning of the chain, which holds on', async () => {
    await write(3);
    await chain();
    door.clock.turn(hours(24 * 364));
    await write(2);
    await chain();
    door.clock.turn(hours(24));
    await door.app.get(Sweeper).sweepAll();
    expect(await positions()).toEqual([4, 5]);
    await write(1);
    expect(await verify()).toEqual({ organizations: 1, records: 3, broken: null });
    await door.database.auditRecord.deleteMany({ where: { position: 4 } });
    expect((await verify()).broken).toMatchObject({ position: 4, what: 'a record is missing' });
  });
});
