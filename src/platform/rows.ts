/** Many rows for one INSERT: of a parameter for each value, Prisma makes the statement in longer than the database carries it out. */
import { Prisma } from '../generated/prisma/client.js';

/** @returns a parameter for json_to_recordset, whose columns have the names of the rows' properties; a Date is fit for a timestamptz */
export function asOneParameter(rows: readonly object[]): Prisma.Sql {
  return Prisma.sql`${JSON.stringify(rows)}::json`;
}
