/** What another capability table would change, before anybody decides on it: the same functions as the measurement's. */
import type { CapabilityTable } from '../../domain/capability';
import { Measuring } from '../../domain/measuring';
import type { ModelResult, Outcome } from '../../domain/results';
import type { Db } from '../connection';
import { judgingGround } from '../judging';
import { isAmended } from '../rounds/amendments';
import type { RoundRow } from '../rounds/read';
import { measuredItems } from './inputs';

export interface TablePreview {
  model: string;
  items: number;
  /** Items whose verdict of record would be another. */
  changed: number;
  /** From which verdict to which, the commonest first. */
  moves: { from: Outcome; to: Outcome; items: number }[];
  before: ModelResult;
  after: ModelResult;
}

/** Of the labels and rulings as they are now, all at one moment; nothing is written. */
export function previewTable(db: Db, round: RoundRow, table: CapabilityTable | null): Promise<TablePreview[]> {
  return db.transaction(
    async (tx) => {
      const ground = await judgingGround(tx, round);
      const before = new Measuring(round, ground);
      const after = new Measuring(round, { ...ground, table });
      const moves = new Map<string, Map<string, TablePreview['moves'][number]>>();
      for await (const page of measuredItems(tx, round.id)) {
        for (const item of page) {
          const from = before.add(item).outcome;
          const to = after.add(item).outcome;
          if (from === to) continue;
          const ofModel = moves.get(item.modelId) ?? new Map<string, TablePreview['moves'][number]>();
          const move = ofModel.get(`${from} ${to}`) ?? { from, to, items: 0 };
          move.items += 1;
          moves.set(item.modelId, ofModel.set(`${from} ${to}`, move));
        }
      }
      const results = after.result(true).byModel;
      return before.result(await isAmended(tx, round.id)).byModel.map((result, i) => {
        const ofModel = [...(moves.get(result.model)?.values() ?? [])].sort((a, b) => b.items - a.items);
        return {
          model: result.model,
          items: result.items,
          changed: ofModel.reduce((sum, move) => sum + move.items, 0),
          moves: ofModel,
          before: result,
          after: results[i] ?? result,
        };
      });
    },
    { isolationLevel: 'repeatable read' },
  );
}
