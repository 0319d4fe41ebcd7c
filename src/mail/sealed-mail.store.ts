/** Mail that waits, as it is encrypted under another key. */
import type { Database } from '../platform/database.js';
import type { SealedColumn } from '../platform/sealed-column.js';
import { boundTo } from './mail-message.store.js';

export function sealedMail(database: Database): readonly SealedColumn[] {
  return [
    {
      name: 'mail_messages',
      async findAfter(id, take) {
        const select = { id: true, content: true };
        const rows = await database.mailMessage.findMany({ where: { id: { gt: id } }, orderBy: { id: 'asc' }, take, select });
        return rows.map((row) => ({ id: row.id, sealed: row.content, boundTo: boundTo(row.id) }));
      },
      async replace({ id, sealed: content }, anew) {
        return (await database.mailMessage.updateMany({ where: { id, content }, data: { content: anew } })).count === 1;
      },
    },
  ];
}
