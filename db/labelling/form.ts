/** Which form an assignment's answers must have, and what they may cite. */

import { sql } from 'drizzle-orm';
import type { FormName, Vocabulary } from '../../domain/forms';
import type { AssignmentId, ManualHash, PersonId } from '../../domain/ids';
import type { Tx } from '../connection';
import { wordsOf } from '../manuals/read';
import { rowsOf, statement } from '../prepared';

export interface AskedForm {
  form: FormName;
  words: Vocabulary;
}

/**
 * Forms that this process has shown, oldest first: a round's form never changes, and whoever was shown it most often answers
 * here.
 */
const shown = new Map<AssignmentId, AskedForm & { labellerId: PersonId }>();
const SHOWN_KEPT = 10_000;

export function rememberForm(assignmentId: AssignmentId, asked: AskedForm & { labellerId: PersonId }): void {
  const [oldest] = shown.keys();
  if (shown.size >= SHOWN_KEPT && oldest !== undefined) shown.delete(oldest);
  shown.set(assignmentId, asked);
}

/** @returns undefined for an assignment that this labeller does not have. */
export async function formOf(
  tx: Tx,
  { assignmentId, labellerId }: { assignmentId: AssignmentId; labellerId: PersonId },
): Promise<AskedForm | undefined> {
  const known = shown.get(assignmentId);
  if (known?.labellerId === labellerId) return known;
  const [row] = await rowsOf(tx, formRow({ assignmentId, labellerId }));
  return row && { form: row.form, words: await wordsOf(tx, row.manual_revision) };
}

const formRow = statement<
  { assignmentId: AssignmentId; labellerId: PersonId },
  { form: FormName; manual_revision: ManualHash | null }
>(
  ({ assignmentId, labellerId }) => sql`
  select r.form, r.manual_revision from assignments a join rounds r on r.id = a.round_id
  where a.id = ${assignmentId} and a.labeller_id = ${labellerId}`,
);
