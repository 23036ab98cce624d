/** Which item a command means. */
import type { Db } from '../../db/connection';
import { type FoundItem, findItems } from '../../db/rulings/find';
import { CommandError, EXIT } from '../failures';
import { harmlessLine } from '../harmless';

export const ITEM = 'an id, or its first 8 characters or more';

/** @returns undefined where no item is meant. @throws CommandError where several are. */
export async function meantItem(db: Db, given: string): Promise<FoundItem | undefined> {
  const [item, another] = await findItems(db, given);
  if (!another) return item;
  const message = `several items begin with ${harmlessLine(given)}`;
  throw new CommandError({ kind: 'which-item', message, hint: 'give more of its id', at: '<item>' }, EXIT.wrongUsage);
}

export function unknownItem(given: string): CommandError {
  const message = `there is no item ${harmlessLine(given.slice(0, 60))}`;
  const hint = '`plumbline adjudicate list ROUND` shows what to rule on';
  return new CommandError({ kind: 'unknown-item', message, hint, at: '<item>' }, EXIT.wrongUsage);
}
