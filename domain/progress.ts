/** What activities tell workflows of a round's rows: states and counts, never texts. */
import type { ItemState, RoundStatus, ShardState } from './states';

export interface RoundProgress {
  status: RoundStatus;
  /** Nothing is left to do for the round's workflow: done and measured, cancelled or failed. */
  ended: boolean;
  /** All items are drawn, every shard is done, and the newest state is not measured yet. */
  measurable: boolean;
  /** Shards in the window whose workflows have not begun: they are to be started. */
  starting: number[];
  shards: Record<ShardState, number>;
  items: Partial<Record<ItemState, number>> | null;
  /** By the database's clock; zero or less once the deadline has passed. */
  msToDeadline: number;
  needsAttention: string | null;
  /** Stands still, by a person's word or by itself; absent where it does not. */
  paused?: true;
  /** Temporal knows the search attributes of rounds; absent where it does not, or nobody could look. */
  searchable?: true;
  /** The newest refused acts on the round; absent where there are none of late. */
  refused?: RefusedAct[];
}

/** Ids and codes only. */
export interface RefusedAct {
  /** ISO 8601. */
  at: string;
  actor: string;
  action: string;
  /** null where it is not known to be an id. */
  subject: string | null;
  code: string | null;
}

export interface ShardProgress {
  state: ShardState;
  /** Nothing is left to do for the shard's workflow. */
  ended: boolean;
  items: Partial<Record<ItemState, number>>;
}

/** Completions are still to come. */
export function isPending({ items }: ShardProgress): boolean {
  return (items.pending ?? 0) > 0;
}

/** Items are still to be opened: the last completion may have come between the last opening and the count. */
export function isOpening(progress: ShardProgress): boolean {
  return isPending(progress) || (progress.items.generated ?? 0) > 0;
}
