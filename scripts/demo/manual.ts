/** The demo labels by the shipped manual, kept under a name of its own: who makes the starter manual theirs is free to. */
import type { Db } from '../../db/connection';
import type { PersonId } from '../../domain/ids';
import { ProblemsError } from '../../domain/problems';
import { keepFolder, readFolder, STARTER } from '../manuals/init';

const NAME = 'demo';

/** @returns the manual's name: another one where rounds rest on an earlier content of the shipped manual. */
export async function keepDemoManual(db: Db, researcher: PersonId): Promise<string> {
  const { manual, table, notices } = readFolder(STARTER);
  if (!table) throw new Error('the shipped manual has no capability table');
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? NAME : `${NAME}-${number}`;
    try {
      await keepFolder(db, { manual: { ...manual, name }, table: { ...table, manual: name }, notices }, researcher);
      return name;
    } catch (error) {
      if (!(error instanceof ProblemsError) || error.problems[0].kind !== 'manual-in-use') throw error;
    }
  }
}
