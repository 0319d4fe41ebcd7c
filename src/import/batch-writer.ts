/** Writes one batch of lines: looks up what is stored, hashes what has to be hashed, and creates the rest in one transaction. */
import { availableParallelism } from 'node:os';
import type { AuditEvent } from '../audit/audit-event.js';
import type { AuditRecordStore } from '../audit/audit-record.store.js';
import type { AuthenticatorStore } from '../mfa/authenticator.store.js';
import type { OrganizationStore } from '../organizations/organization.store.js';
import type { SetupLinkStore } from '../organizations/setup-link.store.js';
import type { Config } from '../platform/config.js';
import type { Database, Transaction } from '../platform/database.js';
import { Gate } from '../platform/gate.js';
import { hashPassword, type StoredPassword } from '../users/password-hash.js';
import type { ImportedUserStore } from '../users/imported-user.store.js';
import { usernameKey } from '../users/username.js';
import { ImportPlan, type LineOutcome, type NumberedLine, type PlannedUser } from './import-plan.js';
import type { Credential } from './line.schema.js';

export type ImportParts = {
  readonly database: Database;
  readonly organizations: OrganizationStore;
  readonly setupLinks: SetupLinkStore;
  readonly users: ImportedUserStore;
  readonly authenticators: AuthenticatorStore;
  readonly records: AuditRecordStore;
  readonly config: Pick<Config, 'BCRYPT_COST' | 'DEFAULT_COUNTRY'>;
};

type Arrived = { readonly organizationId: string };

export class BatchWriter {
  /** As wide as the cores; never more waits than a batch holds. */
  private readonly gate = new Gate(availableParallelism(), Infinity);
  /** A batch that is written again line by line hashes nothing again. */
  private readonly hashes = new WeakMap<Credential, Promise<StoredPassword>>();

  /** @param startedAt when all that this import creates is said to be created */
  constructor(
    private readonly parts: ImportParts,
    private readonly startedAt: Date,
  ) {}

  /** @returns what each line came to, once it is committed */
  async write(lines: readonly NumberedLine[]): Promise<readonly LineOutcome[]> {
    const { organizations, users } = await this.findKnown(lines);
    const plan = new ImportPlan(lines, { organizations, users }, this.parts.config.DEFAULT_COUNTRY);
    const passwords = await Promise.all(plan.users.map(({ credential }) => this.storedPassword(credential)));
    if (plan.organizations.length + plan.users.length === 0) return plan.outcomes;
    await this.parts.database.$transaction(async (transaction) => {
      const created = await this.createOrganizations(transaction, plan);
      const rows = plan.users.map(({ user: { organization, ...user } }, index) => ({
        ...user,
        organizationId: must(created.get(organization) ?? organizations.get(organization)?.id),
        password: must(passwords[index]),
        createdAt: this.startedAt,
      }));
      const ids = rows.length > 0 ? await this.parts.users.createAll(transaction, rows) : new Map<string, string>();
      await this.createAuthenticators(transaction, plan.users, ids);
      await this.record(transaction, [...created.values()], rows);
    });
    return plan.outcomes;
  }

  private async findKnown(lines: readonly NumberedLine[]) {
    const good = lines.flatMap((parsed) => (parsed.ok ? [parsed.line] : []));
    const slugs = new Set(good.map((line) => (line.type === 'organization' ? line.slug : line.organization)));
    const keys = good.flatMap((line) => (line.type === 'user' ? [usernameKey(line.username)] : []));
    const organizations = await this.parts.organizations.findAll([...slugs]);
    const users = await this.parts.users.findAll(keys);
    return {
      organizations: new Map(organizations.map((row) => [row.slug, row])),
      users: new Map(users.map((row) => [row.usernameKey, row])),
    };
  }

  private storedPassword(credential: Credential): Promise<StoredPassword> {
    if (credential.kind === 'hash') return Promise.resolve({ hash: credential.hash, scheme: 'BCRYPT' });
    const hash = this.hashes.get(credential) ?? this.gate.run(() => hashPassword(credential.password, this.parts.config.BCRYPT_COST));
    this.hashes.set(credential, hash);
    return hash;
  }

  /** The set-up links first: in the same order as a set-up page that is posted at this moment, so that neither waits for the other. */
  private async createOrganizations(transaction: Transaction, { organizations }: ImportPlan): Promise<ReadonlyMap<string, string>> {
    if (organizations.length === 0) return new Map();
    await this.parts.setupLinks.closeAll(transaction);
    return this.parts.organizations.createAll(
      transaction,
      organizations.map((organization) => ({ ...organization, createdAt: this.startedAt })),
    );
  }

  private async createAuthenticators(
    transaction: Transaction,
    users: readonly PlannedUser[],
    ids: ReadonlyMap<string, string>,
  ): Promise<void> {
    const authenticators = users.flatMap(({ user, totpSecret }) =>
      totpSecret === undefined
        ? []
        : [{ userId: must(ids.get(usernameKey(user.username))), secret: totpSecret, confirmedAt: this.startedAt, lastUsedStep: 0 }],
    );
    if (authenticators.length > 0) await this.parts.authenticators.addAll(transaction, authenticators);
  }

  /** What the operator brought, once for each organization of the batch. */
  private async record(transaction: Transaction, created: readonly string[], users: readonly Arrived[]): Promise<void> {
    const counts = new Map<string, number>();
    for (const { organizationId } of users) counts.set(organizationId, (counts.get(organizationId) ?? 0) + 1);
    const byOperator = { actor: 'operator', address: undefined } as const;
    const events: AuditEvent[] = [
      ...created.map((organizationId) => ({ organizationId, kind: 'organization-created' as const, ...byOperator })),
      ...[...counts].map(([organizationId, members]) => ({
        organizationId,
        kind: 'members-imported' as const,
        ...byOperator,
        details: { members },
      })),
    ];
    await this.parts.records.add(transaction, events, this.startedAt);
  }
}

function must<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('a planned row has lost what it stands on');
  return value;
}
