/** How a round is run, as its file says it: what may be adjusted later, and is no part of what is measured. */
import type { NewAccount } from '../../domain/accounts';
import type { RunSettings } from '../../domain/spec';
import { LARGEST_CHUNK, type RoundFile } from './shape';

/** Answers that a quick model gives in a second, by each call in flight. */
const QUICKEST_PER_SECOND = 20;

const CALLS_EACH = 10;
const SMALLEST_SHARD = 200;

/** @param named the accounts in use, by the name they have in the file. */
export function settingsOf(read: RoundFile, named: ReadonlyMap<string, NewAccount>): RunSettings {
  const { labellers, lease, generation, tuning } = read;
  const accounts = new Map([...named.values()].map((account) => [account.id, account]));
  const permits = [...accounts.values()].map((account) => account.concurrency);
  const total = permits.reduce((sum, n) => sum + n, 0);
  // Three times as many items at hand as calls in flight keep every permit in use; beside them what quick models answer in the
  // second that it takes to let the next shard in.
  const { shardSize, chunkSize } = sizesFor(permits, tuning);
  const window = tuning.window ?? Math.ceil(((3 + QUICKEST_PER_SECOND) * total) / shardSize) + 1;
  // A chunk may wait behind all items of the window on the narrowest account. Only a guard: silence is noticed sooner.
  const callsInTurn = Math.max(chunkSize, Math.ceil((window * shardSize) / Math.min(...permits, shardSize)));
  return {
    ...moneyOf(read),
    accountNames: Object.fromEntries([...named].map(([name, account]) => [account.id, name])),
    groups: [...new Set(labellers.groups)].sort(),
    leaseMs: lease,
    maxTries: generation.max_tries,
    callTimeoutMs: generation.timeout,
    retryDelayMs: generation.retry_delay,
    firstLookMs: tuning.first_look,
    shardSize,
    chunkSize,
    timings: {
      window,
      sweepMs: tuning.sweep,
      heartbeatMs: tuning.heartbeat,
      chunkTimeoutMs: generation.timeout * callsInTurn + 60_000,
      historyEvents: tuning.history_events,
      retryCapMs: tuning.retry_cap,
    },
  };
}

/**
 * A larger shard costs Temporal less for each of its items, and opens its first one later: so it has what ten calls, one after
 * the other on each permit of the narrowest account, answer where all accounts have as many items.
 */
function sizesFor(permits: readonly number[], { shard_size: asked, chunk_size: chunk }: RoundFile['tuning']) {
  const answered = permits.length === 0 ? 0 : CALLS_EACH * permits.length * Math.min(...permits);
  const shardSize = asked ?? Math.min(LARGEST_CHUNK, Math.max(SMALLEST_SHARD, answered));
  return { shardSize, chunkSize: chunk ?? Math.min(LARGEST_CHUNK, shardSize) };
}

function moneyOf({
  currency,
  prices,
  budget,
  wages,
}: RoundFile): Pick<RunSettings, 'currency' | 'prices' | 'budget' | 'wages'> {
  return {
    currency,
    prices,
    ...(budget && { budget: { money: budget.money ?? null, tokens: budget.tokens ?? null } }),
    ...(wages && { wages: { perHour: wages.per_hour, groups: wages.groups } }),
  };
}
