/** Which form an assignment's answers must have, and what they may cite. */

import { sql } from 'drizzle-orm';
import type { FormName, Vocabulary } from '../../domain/forms';
import type { AssignmentId, ManualHash, PersonId } from '../../domain/ids';
import type { Tx } from '../connection';
import { wordsOf } from '../manuals/read';
import { prepared } from '../prepared';

/** @returns undefined for an assignment that this labeller does not have. */
export async function formOf(
  tx: Tx,
  { assignmentId, labellerId }: { assignmentId: AssignmentId; labellerId: PersonId },
): Promise<{ form: FormName; words: Vocabulary } | undefined> {
  const [row] = await prepared<{ form: FormName; manual_revision: ManualHash | null }>(
    tx,
    'form',
    sql`
    select r.form, r.manual_revision from assignments a join rounds r on r.id = a.round_id
    where a.id = ${assignmentId} and a.labeller_id = ${labellerId}`,
  );
  return row && { form: row.form, words: await wordsOf(tx, row.manual_revision) };
}
