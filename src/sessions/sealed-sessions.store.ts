/** What session rows hold for a while, as it is encrypted under another key. */
import type { Database } from '../platform/database.js';
import type { SealedColumn } from '../platform/sealed-column.js';
import { boundTo as boundToForm } from './kept-forms.service.js';
import { boundTo as boundToCodes } from './shown-codes.service.js';

export function sealedInSessions(database: Database): readonly SealedColumn[] {
  return [keptForms(database), shownCodes(database)];
}

function keptForms(database: Database): SealedColumn {
  return {
    name: 'sessions.kept_form',
    async findAfter(id, take) {
      const where = { id: { gt: id }, keptForm: { not: null } };
      const rows = await database.session.findMany({ where, orderBy: { id: 'asc' }, take, select: { id: true, keptForm: true } });
      return rows.map((row) => ({ id: row.id, sealed: row.keptForm ?? '', boundTo: boundToForm(row.id) }));
    },
    async replace({ id, sealed: keptForm }, anew) {
      return (await database.session.updateMany({ where: { id, keptForm }, data: { keptForm: anew } })).count === 1;
    },
  };
}

function shownCodes(database: Database): SealedColumn {
  return {
    name: 'sessions.shown_codes',
    async findAfter(id, take) {
      const where = { id: { gt: id }, shownCodes: { not: null } };
      const rows = await database.session.findMany({ where, orderBy: { id: 'asc' }, take, select: { id: true, shownCodes: true } });
      return rows.map((row) => ({ id: row.id, sealed: row.shownCodes ?? '', boundTo: boundToCodes(row.id) }));
    },
    async replace({ id, sealed: shown }, anew) {
      return (await database.session.updateMany({ where: { id, shownCodes: shown }, data: { shownCodes: anew } })).count === 1;
    },
  };
}
