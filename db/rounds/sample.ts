/** A round's items: made once from the seeded draw, the same however often it is done. */
import { and, asc, eq, gt, type SQL, sql } from 'drizzle-orm';
import type { PromptId, RoundId } from '../../domain/ids';
import { itemIdOf } from '../../domain/itemKey';
import { namesModel } from '../../domain/namesModel';
import type { FrozenModel } from '../../domain/spec';
import { type Stratum, stratumOf } from '../../domain/strata';
import type { Json } from '../../domain/text';
import type { Db, Tx } from '../connection';
import { nudgeRound } from '../outbox';
import { prompts, rounds } from '../schema';
import { readTexts } from '../texts';
import type { RoundRow } from './read';

/** So many rows are made between two rests of the process. */
const ROWS_PER_INSERT = 1_000;
/** Most of an insert's time goes into what Postgres checks for each row, on one core. */
const INSERTS_AT_ONCE = 2;
/** Where completions are given: their texts are read, and looked through for names. */
const TEXTS_AT_ONCE = 100;
const ROWS_PER_PAGE = 2_000;

export interface DrawnPrompt {
  id: PromptId;
  externalId: string;
  stratum: Stratum;
  requirements: string[];
  /** Of the completion that came with it. */
  completionHash: string | null;
}

/** @param field whose values are the strata; none: all prompts are alike. */
export async function promptsOfSet(db: Tx, setHash: string, field?: string): Promise<DrawnPrompt[]> {
  const all: DrawnPrompt[] = [];
  for await (const page of pagesOfSet(db, setHash, field)) all.push(...page);
  return all;
}

/** In the order of their ids. */
async function* pagesOfSet(db: Tx, setHash: string, field: string | undefined): AsyncGenerator<DrawnPrompt[]> {
  const value: SQL<Json> = field === undefined ? sql`null::jsonb` : sql`${prompts.metadata} -> ${field}::text`;
  for (let after: string | undefined; ; ) {
    const page = await db
      .select({
        id: prompts.id,
        externalId: prompts.externalId,
        stratum: value,
        requirements: prompts.requirements,
        completionHash: prompts.completionHash,
      })
      .from(prompts)
      .where(and(eq(prompts.setHash, setHash), after === undefined ? undefined : gt(prompts.externalId, after)))
      .orderBy(asc(prompts.externalId))
      .limit(ROWS_PER_PAGE);
    yield page.map(({ stratum, ...prompt }) => ({ ...prompt, stratum: stratumOf(stratum) }));
    after = page.at(-1)?.externalId;
    if (page.length < ROWS_PER_PAGE) return;
  }
}

/** An item as it is drawn. */
export interface ItemToBe {
  prompt: DrawnPrompt;
  model: FrozenModel;
  variant: string;
  k: number;
}

/**
 * Writes shards and items, in the order in which they stand; a second writing of the same items changes nothing. Those whose
 * completions were given have them. Then the round is running.
 */
export async function saveSample(db: Db, round: RoundRow, sample: readonly ItemToBe[]): Promise<void> {
  const { id: roundId, settings, spec } = round;
  await saveShards(db, roundId, Math.ceil(sample.length / settings.shardSize));
  const given = spec.models.some(({ accountId }) => accountId === null);
  const size = given ? TEXTS_AT_ONCE : ROWS_PER_INSERT;
  await inLanes(startsOf(sample.length, size), INSERTS_AT_ONCE, async (first) => {
    const slice = sample.slice(first, first + size);
    const telling = given ? await namingTheirModel(db, slice) : new Set<ItemToBe>();
    const rows = slice.map((item, i) => rowOf(roundId, item, first + i, settings.shardSize, telling.has(item)));
    await insertItems(db, roundId, rows);
  });
  await db.transaction(async (tx) => {
    await tx
      .update(rounds)
      .set({ status: 'running' })
      .where(and(eq(rounds.id, roundId), eq(rounds.status, 'opening')));
    await nudgeRound(tx, roundId);
  });
}

function* startsOf(length: number, size: number): Generator<number> {
  for (let first = 0; first < length; first += size) yield first;
}

/** So many at a time. After one has failed none is begun, and nothing goes on when this ends. */
async function inLanes<T>(things: Iterable<T>, lanes: number, work: (thing: T) => Promise<void>): Promise<void> {
  const left = things[Symbol.iterator]();
  let failed = false;
  const lane = async () => {
    for (let next = left.next(); !next.done && !failed; next = left.next()) {
      await work(next.value).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
  const broken = ends.find((end) => end.status === 'rejected');
  if (broken) throw broken.reason;
}

async function saveShards(db: Tx, roundId: RoundId, count: number): Promise<void> {
  await db.execute(sql`
    insert into shards (round_id, shard) select ${roundId}, shard from generate_series(0, ${count - 1}::int) as shard
    on conflict do nothing`);
}

/** Why an item fails at once: no completion was given with its prompt, or what is to be judged was erased. */
const NOT_GIVEN = 'no-completion';
const REDACTED = 'redacted';

function rowOf(
  roundId: RoundId,
  { prompt, model, variant, k }: ItemToBe,
  position: number,
  shardSize: number,
  names: boolean,
) {
  const { accountId, id: model_id } = model;
  const given = accountId === null ? prompt.completionHash : null;
  const lacks = accountId === null && given === null;
  return {
    id: itemIdOf({ roundId, promptId: prompt.id, modelId: model.id, variant, k }),
    prompt_id: prompt.id,
    model_id,
    variant,
    k,
    account_id: accountId,
    shard: Math.floor(position / shardSize),
    position,
    state: lacks ? 'failed' : given === null ? 'pending' : 'generated',
    fail_code: lacks ? NOT_GIVEN : null,
    completion_hash: given,
    names_model: names,
  };
}

/** A slice travels as JSON, so that any number of rows is one statement of one shape. */
async function insertItems(db: Tx, roundId: RoundId, rows: readonly ReturnType<typeof rowOf>[]): Promise<void> {
  await db.execute(sql`
    insert into items (id, round_id, prompt_id, model_id, variant, k, account_id, shard, position, requirements, state,
      fail_code, completion_hash, names_model, redacted_at)
    select made.id, ${roundId}, made.prompt_id, made.model_id, made.variant, made.k, made.account_id, made.shard,
      made.position, p.requirements, case when gone.at is null then made.state else 'failed' end,
      case when gone.at is null then made.fail_code else ${REDACTED} end, made.completion_hash, made.names_model, gone.at
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as made(id uuid, prompt_id uuid, model_id text,
      variant text, k int, account_id text, shard int, position int, state text, fail_code text, completion_hash text,
      names_model boolean)
    join prompts p on p.id = made.prompt_id
    cross join lateral (
      select max(redacted_at) as at from texts where hash in (p.messages_hash, made.completion_hash)) gone
    on conflict do nothing`);
}

/** Items whose given completion tells which model wrote it. */
async function namingTheirModel(db: Tx, sample: readonly ItemToBe[]): Promise<Set<ItemToBe>> {
  const given = sample.filter(({ model }) => model.accountId === null);
  const hashes = given.flatMap(({ prompt }) => prompt.completionHash ?? []);
  const texts = await readTexts(db, [...new Set(hashes)]);
  return new Set(
    given.filter(({ prompt, model }) => {
      // What was erased is not there.
      const message = texts.get(prompt.completionHash ?? '');
      return message ? namesModel(message, model) : false;
    }),
  );
}
