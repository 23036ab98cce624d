/** Trying failed items again, after a person has mended what made them fail: a key, a quota, an endpoint, a deadline. */
import { and, eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { ItemId, PersonId, RoundId } from '../../domain/ids';
import { accountsOf } from '../../domain/spec';
import type { RoundStatus } from '../../domain/states';
import type { Db, Tx } from '../connection';
import { nothingToAttend } from '../generation/attention';
import { blockedMark } from '../generation/holds';
import { parkedMark } from '../generation/parking';
import { act } from '../labelling/act';
import { nudgeShard } from '../outbox';
import { accounts, audit, items, roundModels, rounds, shards } from '../schema';
import { reopenShard } from '../touch';
import type { RoundRow } from './read';
import { wakeRound } from './wake';

export interface Retrying {
  roundId: RoundId;
  by: PersonId;
  /** Of the round; empty: all. */
  models: readonly string[];
  /** Also what a provider refused for what it asks. */
  refused?: boolean;
  /** Says what would happen, and changes nothing. */
  dryRun?: boolean;
}
export interface FailedItems {
  model: string;
  code: string;
  items: number;
}
export type RetryResult =
  | {
      kind: 'retried' | 'would-retry';
      /** What is pending again. */
      items: number;
      failed: FailedItems[];
      /** What stays failed. */
      left: FailedItems[];
      /** Accounts that were blocked and models that were parked: they may be called again. */
      lifted: string[];
      /** Nothing is called until somebody resumes the round. */
      paused: boolean;
    }
  | { kind: 'over'; status: RoundStatus }
  | { kind: 'late'; deadlineAt: Date }
  | { kind: 'unknown-round' };

const ITEMS_PER_TRANSACTION = 500;

/** Idempotent; one that is broken off goes on where it was. Accounts and models come first: else items would fail again. */
export async function retryItems(db: Db, retrying: Retrying): Promise<RetryResult> {
  const result = await act(db, (tx) => liftBlocks(tx, retrying));
  if (result.kind !== 'retried') return result;
  let after: ItemId | undefined;
  let retried = 0;
  do {
    const some = await act(db, (tx) => retrySome(tx, retrying, after));
    after = some.at(-1);
    retried += some.length;
  } while (after !== undefined);
  return { ...result, items: retried };
}

async function liftBlocks(tx: Tx, { roundId, by, models, refused = false, dryRun }: Retrying): Promise<RetryResult> {
  const [row] = await tx
    .select({ round: rounds, late: sql<boolean>`${rounds.deadlineAt} <= now()` })
    .from(rounds)
    .where(eq(rounds.id, roundId))
    .for('no key update');
  if (!row) return { kind: 'unknown-round' };
  const { round, late } = row;
  if (round.status === 'cancelled' || round.status === 'failed') return { kind: 'over', status: round.status };
  if (late) return { kind: 'late', deadlineAt: round.deadlineAt };
  const all = await failedItems(tx, roundId);
  const failed = all.filter(({ mendable, model }) => mendable(refused) && isMeant(models, model));
  const left = all.filter((one) => !failed.includes(one));
  const blocked = await blockedAccounts(tx, round, models);
  const parked = await parkedModels(tx, roundId, models);
  const names: Record<string, string | undefined> = round.settings.accountNames ?? {};
  const result = {
    items: failed.reduce((sum, one) => sum + one.items, 0),
    failed: failed.map(told),
    left: left.map(told),
    lifted: [...blocked.map((id) => `account ${names[id] ?? id}`), ...parked.map((id) => `model ${id}`)],
    paused: round.pausedAt !== null || round.heldAt !== null,
  };
  if (dryRun) return { kind: 'would-retry', ...result };
  if (result.items === 0 && result.lifted.length === 0) return { kind: 'retried', ...result };
  await tx
    .update(accounts)
    .set({ blockedCode: null, blockedAt: null, notBefore: null, heldSince: null, heldCode: null })
    .where(inArray(accounts.id, blocked));
  await tx
    .update(roundModels)
    .set({ parkedAt: null, retryAt: null, failures: 0, failureCode: null })
    .where(and(eq(roundModels.roundId, roundId), inArray(roundModels.modelId, parked)));
  for (const id of blocked) await nothingToAttend(tx, blockedMark(id));
  for (const id of parked) await nothingToAttend(tx, parkedMark(id), roundId);
  await nothingToAttend(tx, 'shard ', roundId);
  const detail = { models, refused, failed: result.failed, lifted: { accounts: blocked, models: parked } };
  await tx.insert(audit).values({ actor: by, action: 'round.retry', subject: roundId, roundId, detail });
  await wakeRound(tx, roundId);
  return { kind: 'retried', ...result };
}

/** What a person may mend. A request that a provider refuses is refused again, unless they know better. */
function isMendable(code: SQL, refused: boolean): SQL {
  const mended = sql`(${code} in ('tries-exhausted', 'account-refused', 'not-generated') or starts_with(${code}, 'parked:'))`;
  return refused ? sql`(${mended} or starts_with(${code}, 'refused-'))` : mended;
}

/** Those that could be called again: by model and code. `mendable`: whether `round retry` takes them. */
export async function failedItems(tx: Tx, roundId: RoundId) {
  const rows = await tx.execute<{
    model: string;
    code: string;
    items: number;
    mendable: boolean;
    refused: boolean;
  }>(sql`
    select model_id as model, fail_code as code, count(*)::int as items,
      ${isMendable(sql`fail_code`, false)} as mendable, ${isMendable(sql`fail_code`, true)} as refused
    from items where round_id = ${roundId} and state = 'failed' and ${MAY_BE_CALLED}
    group by model_id, fail_code order by model_id, fail_code collate "C"`);
  return rows.map(({ mendable, refused, ...one }) => ({
    ...one,
    mendable: (withRefused: boolean) => (withRefused ? refused : mendable),
  }));
}

/** What came with its prompt is not asked for; what is hidden from people is of no use. */
const MAY_BE_CALLED = sql`account_id is not null and quarantined_at is null and redacted_at is null`;

function told({ model, code, items: n }: FailedItems): FailedItems {
  return { model, code, items: n };
}

function isMeant(models: readonly string[], model: string): boolean {
  return models.length === 0 || models.includes(model);
}

async function blockedAccounts(tx: Tx, { spec }: RoundRow, meant: readonly string[]) {
  const ids = accountsOf({ models: spec.models.filter(({ id }) => isMeant(meant, id)) });
  const rows = await tx
    .select({ id: accounts.id })
    .from(accounts)
    .where(and(inArray(accounts.id, ids), sql`blocked_code is not null`))
    .orderBy(accounts.id)
    .for('no key update');
  return rows.map(({ id }) => id);
}

async function parkedModels(tx: Tx, roundId: RoundId, meant: readonly string[]): Promise<string[]> {
  const rows = await tx
    .select({ id: roundModels.modelId })
    .from(roundModels)
    .where(and(eq(roundModels.roundId, roundId), sql`parked_at is not null`))
    .orderBy(roundModels.modelId);
  return rows.map(({ id }) => id).filter((id) => isMeant(meant, id));
}

/**
 * Locks items, then shards, then the round, as everybody does. The mark has a shard that is being closed at this very moment
 * look at them again. @returns the items, in the order of their ids; none where none is left.
 */
async function retrySome(tx: Tx, { roundId, models, refused = false }: Retrying, after?: ItemId): Promise<ItemId[]> {
  const some = await tx
    .select({ id: items.id, shard: items.shard })
    .from(items)
    .where(
      and(
        eq(items.roundId, roundId),
        eq(items.state, 'failed'),
        MAY_BE_CALLED,
        isMendable(sql`fail_code`, refused),
        models.length > 0 ? inArray(items.modelId, [...models]) : undefined,
        after === undefined ? undefined : sql`${items.id} > ${after}`,
        sql`exists (select 1 from rounds r where r.id = ${roundId} and r.status not in ('cancelled', 'failed') and r.deadline_at > now())`,
      ),
    )
    .orderBy(items.id)
    .limit(ITEMS_PER_TRANSACTION)
    .for('no key update');
  if (some.length === 0) return [];
  const ids = some.map(({ id }) => id);
  const triesFrom = sql`(select coalesce(max(c.try), 0) from generation_calls c where c.item_id = ${items.id})`;
  await tx
    .update(items)
    .set({ state: 'pending', failCode: null, touched: true, triesFrom })
    .where(inArray(items.id, ids));
  const ofShards = [...Map.groupBy(some, ({ shard }) => shard)].sort(([a], [b]) => a - b);
  // All of them before the first reopening, which holds the round.
  for (const [shard, { length: again }] of ofShards) await expectMore(tx, roundId, shard, again);
  for (const [shard] of ofShards) {
    await reopenShard(tx, roundId, shard);
    await nudgeShard(tx, roundId, shard);
  }
  return ids;
}

/** Whoever asks for an item in vain hears that some are to come; of a shard that still generates that is known. */
async function expectMore(tx: Tx, roundId: RoundId, shard: number, more: number): Promise<void> {
  await tx
    .update(shards)
    .set({ unopened: sql`${shards.unopened} + ${more}` })
    .where(and(eq(shards.roundId, roundId), eq(shards.shard, shard), inArray(shards.state, ['labelling', 'done'])));
}
