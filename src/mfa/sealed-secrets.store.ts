/** The secrets of authenticators, as they are encrypted under another key. */
import type { Database } from '../platform/database.js';
import type { SealedColumn } from '../platform/sealed-column.js';
import { boundTo } from './authenticator.store.js';
import { boundTo as boundToPending } from './pending-authenticator.store.js';

export function sealedSecrets(database: Database): readonly SealedColumn[] {
  return [confirmed(database), pending(database)];
}

function confirmed(database: Database): SealedColumn {
  return {
    name: 'authenticators',
    async findAfter(id, take) {
      const select = { userId: true, secret: true };
      const rows = await database.authenticator.findMany({ where: { userId: { gt: id } }, orderBy: { userId: 'asc' }, take, select });
      return rows.map(({ userId, secret }) => ({ id: userId, sealed: secret, boundTo: boundTo(userId) }));
    },
    async replace({ id: userId, sealed: secret }, anew) {
      return (await database.authenticator.updateMany({ where: { userId, secret }, data: { secret: anew } })).count === 1;
    },
  };
}

function pending(database: Database): SealedColumn {
  return {
    name: 'pending_authenticators',
    async findAfter(id, take) {
      const where = { sessionId: { gt: id } };
      const rows = await database.pendingAuthenticator.findMany({ where, orderBy: { sessionId: 'asc' }, take });
      return rows.map((row) => ({ id: row.sessionId, sealed: row.secret, boundTo: boundToPending(row) }));
    },
    async replace({ id: sessionId, sealed: secret }, anew) {
      return (await database.pendingAuthenticator.updateMany({ where: { sessionId, secret }, data: { secret: anew } })).count === 1;
    },
  };
}
