/** The chains: which record follows which, and where they begin and end. */
import { Inject, Injectable } from '@nestjs/common';
import { Prisma } from '../generated/prisma/client.js';
import { Database, type Transaction } from '../platform/database.js';
import type { Ends, RecordContent } from './audit-content.js';

export type StoredEnds = Ends & { readonly mac: string };
export type ChainedRecord = RecordContent & { readonly mac: string; readonly position: number; readonly link: string | null };
type Slice = { readonly after: number; readonly limit: number };
export type Link = { readonly id: string; readonly position: number; readonly link: string };

/** A record's seals as they are, and anew. */
export type NewSeal = { readonly id: string; readonly oldMac: string; readonly mac: string; readonly link: string };

const ends = {
  organizationId: true,
  firstPosition: true,
  firstLink: true,
  lastPosition: true,
  lastLink: true,
  resealedPosition: true,
  resealedLink: true,
  mac: true,
} as const;

@Injectable()
export class AuditChainStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async findWithUnchained(): Promise<readonly string[]> {
    const rows = await this.database.$queryRaw<{ organizationId: string }[]>`
      SELECT DISTINCT organization_id AS "organizationId" FROM audit_records WHERE position IS NULL`;
    return rows.map(({ organizationId }) => organizationId);
  }

  /**
   * The ends of a chain, held for this transaction: one at a time makes it longer or shorter.
   * @param fresh those of a chain that has no record yet
   * @returns null when they were removed, and records of the chain are there
   */
  async lock(transaction: Transaction, fresh: StoredEnds): Promise<StoredEnds | null> {
    const { organizationId } = fresh;
    const where = { organizationId, position: { not: null } };
    const isBegun = (await transaction.auditRecord.findFirst({ where, select: { id: true } })) !== null;
    if (!isBegun) await transaction.auditChain.createMany({ data: [fresh], skipDuplicates: true });
    await transaction.$queryRaw`SELECT 1 AS held FROM audit_chains WHERE organization_id = ${organizationId}::uuid FOR UPDATE`;
    return this.findEnds(transaction, organizationId);
  }

  /** In the order in which they were written, as far as the clock tells. */
  findUnchained(transaction: Transaction, organizationId: string, limit: number): Promise<{ id: string; mac: string }[]> {
    const orderBy = [{ at: 'asc' as const }, { id: 'asc' as const }];
    return transaction.auditRecord.findMany({
      where: { organizationId, position: null },
      orderBy,
      take: limit,
      select: { id: true, mac: true },
    });
  }

  async writeLinks(transaction: Transaction, links: readonly Link[]): Promise<void> {
    const rows = links.map(({ id, position, link }) => Prisma.sql`(${id}::uuid, ${position}::int, ${link})`);
    await transaction.$executeRaw`
      UPDATE audit_records AS r SET position = l.position, link = l.link
      FROM (VALUES ${Prisma.join(rows)}) AS l (id, position, link) WHERE r.id = l.id AND r.position IS NULL`;
  }

  async writeEnds(transaction: Transaction, { organizationId, ...data }: StoredEnds): Promise<void> {
    await transaction.auditChain.update({ where: { organizationId }, data, select: { organizationId: true } });
  }

  /**
   * Every organization that has a chain or a chained record: a chain whose ends were removed is missed, too. From one organization's
   * records the index leads to the next one's: to read all of them would take longer than a statement may.
   */
  async findAllIds(): Promise<readonly string[]> {
    const rows = await this.database.$queryRaw<{ organizationId: string }[]>`
      WITH RECURSIVE chained AS (
        (SELECT organization_id AS id FROM audit_records WHERE position IS NOT NULL ORDER BY organization_id LIMIT 1)
        UNION ALL
        SELECT (
          SELECT r.organization_id FROM audit_records r WHERE r.position IS NOT NULL AND r.organization_id > chained.id
          ORDER BY r.organization_id LIMIT 1)
        FROM chained WHERE chained.id IS NOT NULL)
      SELECT organization_id AS "organizationId" FROM audit_chains UNION SELECT id FROM chained WHERE id IS NOT NULL ORDER BY 1`;
    return rows.map(({ organizationId }) => organizationId);
  }

  /** Of those that are chained. */
  async hasRecordBefore(organizationId: string, before: Date): Promise<boolean> {
    const where = { organizationId, position: { not: null } };
    const first = await this.database.auditRecord.findFirst({ where, orderBy: { position: 'asc' }, select: { at: true } });
    return first !== null && first.at < before;
  }

  findEnds(transaction: Transaction, organizationId: string): Promise<StoredEnds | null> {
    return transaction.auditChain.findUnique({ where: { organizationId }, select: ends });
  }

  /** In the order of the chain, from the one that follows the position `after` on. */
  async findRecords(transaction: Transaction, organizationId: string, { after, limit }: Slice): Promise<readonly ChainedRecord[]> {
    const where = { organizationId, position: { gt: after } };
    const rows = await transaction.auditRecord.findMany({ where, orderBy: { position: 'asc' }, take: limit });
    return rows.map(({ position, ...row }) => ({ ...row, position: position ?? 0 }));
  }

  async findLink(transaction: Transaction, organizationId: string, position: number): Promise<string | undefined> {
    const where = { organizationId_position: { organizationId, position } };
    return (await transaction.auditRecord.findUnique({ where, select: { link: true } }))?.link ?? undefined;
  }

  /** @returns how many: fewer when somebody changed one since it was read */
  async writeSeals(transaction: Transaction, seals: readonly NewSeal[]): Promise<number> {
    const rows = seals.map(({ id, oldMac, mac, link }) => Prisma.sql`(${id}::uuid, ${oldMac}, ${mac}, ${link})`);
    return transaction.$executeRaw`
      UPDATE audit_records AS r SET mac = s.mac, link = s.link
      FROM (VALUES ${Prisma.join(rows)}) AS s (id, old_mac, mac, link) WHERE r.id = s.id AND r.mac = s.old_mac`;
  }

  async removeUpTo(transaction: Transaction, organizationId: string, position: number): Promise<number> {
    return (await transaction.auditRecord.deleteMany({ where: { organizationId, position: { lte: position } } })).count;
  }

  async findSlug(organizationId: string): Promise<string | undefined> {
    return (await this.database.organization.findUnique({ where: { id: organizationId }, select: { slug: true } }))?.slug;
  }
}
