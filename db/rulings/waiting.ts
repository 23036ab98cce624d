/** What may be ruled on: conditions on a row of `items` beside its round's. The list and the taking of a ruling share them. */
import { sql } from 'drizzle-orm';
import type { PersonId } from '../../domain/ids';
import { deadlinePassed } from '../rounds/read';
import { assignments, items, labels, rounds } from '../schema';

const withinReach = sql`${items.quarantinedAt} is null and ${items.redactedAt} is null and ${items.completionHash} is not null
  and ${rounds.status} not in ('cancelled', 'failed')`;

const labelled = sql`exists (
  select 1 from ${labels} where ${labels.itemId} = ${items.id} and ${labels.withdrawnAt} is null)`;

/** Contested, or left unsettled at the deadline though it has labels. */
export const waitsForFirst = sql<boolean>`(${withinReach} and (${items.state} = 'contested'
  or (${items.state} = 'unresolved' and ${deadlinePassed} and ${labelled})))`;

/** Of an item that somebody has ruled on: whatever the ruling, and the labels under it, have made of it. */
export const waitsForSecond = sql<boolean>`(${withinReach} and ${items.state} in ('contested', 'settled', 'unresolved'))`;

/** Whether somebody is to label the item, or has: who rules sees the labels. */
export function labelsIt(personId: PersonId) {
  return sql<boolean>`exists (
    select 1 from ${assignments} where ${assignments.itemId} = ${items.id} and ${assignments.labellerId} = ${personId}
      and ${assignments.state} in ('leased', 'submitted'))`;
}
