/** Which form an assignment's answers must have. */

import { sql } from 'drizzle-orm';
import type { FormName } from '../../domain/forms';
import type { AssignmentId, PersonId } from '../../domain/ids';
import type { Tx } from '../connection';
import { prepared } from '../prepared';

/** @returns undefined for an assignment that this labeller does not have. */
export async function formOf(
  tx: Tx,
  { assignmentId, labellerId }: { assignmentId: AssignmentId; labellerId: PersonId },
): Promise<FormName | undefined> {
  const [row] = await prepared<{ form: FormName }>(
    tx,
    'form',
    sql`
    select r.form from assignments a join rounds r on r.id = a.round_id
    where a.id = ${assignmentId} and a.labeller_id = ${labellerId}`,
  );
  return row?.form;
}
