/** Which manual or table a command means. */
import type { Tx } from '../../db/connection';
import { type FoundManual, type FoundTable, findManual, findTable, newestTable } from '../../db/manuals/find';
import { listManuals, listTables } from '../../db/manuals/list';
import { ProblemsError } from '../../domain/problems';
import { didYouMean } from '../intake/suggestions';

const INIT = 'make one known: plumbline manual init FOLDER';

/**
 * @param ref left out: the only manual there is.
 * @param at where it was named.
 * @throws ProblemsError if none is meant, or it is not clear which.
 */
export async function meantManual(tx: Tx, ref: string | undefined, at?: string): Promise<FoundManual> {
  const found = await findManual(tx, ref ?? (await onlyManual(tx)));
  if (found) return found;
  const names = [...new Set((await listManuals(tx)).map(({ name }) => name))];
  const hint = names.length > 0 ? `${didYouMean(ref ?? '', names)} Or ${INIT}` : INIT;
  const message = `there is no manual ${(ref ?? '').slice(0, 100)}`;
  throw ProblemsError.of({ kind: 'unknown-manual', message, hint, ...(at !== undefined && { at }) });
}

/** @throws ProblemsError if no table is meant, or it is not clear which. */
export async function meantTable(tx: Tx, ref: string | undefined): Promise<FoundTable> {
  const manual = ref === undefined ? await onlyManual(tx) : undefined;
  const found = manual === undefined ? await findTable(tx, ref ?? '') : await newestTable(tx, manual);
  if (found) return found;
  const hint = 'add one: plumbline capability import FILE';
  if (manual !== undefined) {
    throw ProblemsError.of({ kind: 'unknown-table', message: `the manual ${manual} has no capability table`, hint });
  }
  const names = [...new Set((await listTables(tx)).map((table) => table.manual))];
  const message = `there is no capability table ${(ref ?? '').slice(0, 100)}`;
  const meant = names.length > 0 ? didYouMean(ref ?? '', names) : hint;
  throw ProblemsError.of({ kind: 'unknown-table', message, hint: meant });
}

async function onlyManual(tx: Tx): Promise<string> {
  const names = [...new Set((await listManuals(tx)).map(({ name }) => name))];
  const [only, ...others] = names;
  if (only === undefined) throw ProblemsError.of({ kind: 'no-manual', message: 'there is no manual yet', hint: INIT });
  if (others.length === 0) return only;
  const message = `there are several manuals: ${names.slice(0, 20).join(', ')}`;
  throw ProblemsError.of({ kind: 'which-manual', message, hint: 'name the one you mean' });
}
