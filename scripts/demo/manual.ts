/** The demo labels by the shipped manual, kept under a name of its own: who makes the starter manual theirs is free to. */
import type { Db } from '../../db/connection';
import type { PersonId } from '../../domain/ids';
import { keepFolder, readFolder, STARTER } from '../manuals/init';

export const DEMO_MANUAL = 'demo';

export async function keepDemoManual(db: Db, researcher: PersonId): Promise<void> {
  const { manual, table, notices } = readFolder(STARTER);
  if (!table) throw new Error('the shipped manual has no capability table');
  const named = { manual: { ...manual, name: DEMO_MANUAL }, table: { ...table, manual: DEMO_MANUAL }, notices };
  await keepFolder(db, named, researcher);
}
