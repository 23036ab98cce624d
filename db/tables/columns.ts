/** Column kinds that several tables share. */
import { sql } from 'drizzle-orm';
import { customType, timestamp } from 'drizzle-orm/pg-core';

/** Text ordered by bytes, so that every ordering is the same on every machine. */
export const ctext = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' });

export const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

export const now = (name: string) => moment(name).notNull().defaultNow();

/** For a check constraint: the column holds one of a closed list. */
export const oneOf = (column: string, values: readonly string[]) =>
  sql.raw(`${column} in (${values.map((v) => `'${v}'`).join(', ')})`);
