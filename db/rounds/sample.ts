/** A round's items: made once from the seeded draw, the same however often it is done. */
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { PromptId, RoundId } from '../../domain/ids';
import { itemIdOf } from '../../domain/itemKey';
import { namesModel } from '../../domain/namesModel';
import type { FrozenModel } from '../../domain/spec';
import { type Stratum, stratumOf } from '../../domain/strata';
import type { Json } from '../../domain/text';
import type { Db, Tx } from '../connection';
import { nudgeRound } from '../outbox';
import { PLANNED_ONCE, prepared } from '../prepared';
import { rounds } from '../schema';
import { readTexts } from '../texts';
import type { RoundRow } from './read';

/** So many rows are made between two rests of the process. */
const ROWS_PER_INSERT = 1_000;
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
  for (let after: string | undefined; ; ) {
    const page = await db.execute<Omit<DrawnPrompt, 'stratum'> & { stratum: Json }>(sql`
      select id, external_id as "externalId", metadata -> ${field ?? null}::text as stratum, requirements,
        completion_hash as "completionHash"
      from prompts where set_hash = ${setHash} ${after === undefined ? sql`` : sql`and external_id > ${after}`}
      order by external_id limit ${ROWS_PER_PAGE}`);
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
 * Writes the sample shard by shard, in the order in which its items stand, and has the round run: the calls of a shard that
 * is there need not wait for the others. A second writing adds what the first has left out; a round that was called off
 * gets no more. Those whose completions were given have them.
 */
export async function saveSample(db: Db, round: RoundRow, sample: readonly ItemToBe[]): Promise<void> {
  const { id, settings } = round;
  const ofRound = eq(rounds.id, id);
  await db
    .update(rounds)
    .set({ status: 'running' })
    .where(and(ofRound, eq(rounds.status, 'opening')));
  for (const first of startsOf(sample.length, settings.shardSize)) {
    await saveShard(db, round, sample.slice(first, first + settings.shardSize), first);
  }
  await db
    .update(rounds)
    .set({ drawnAt: sql`now()` })
    .where(and(ofRound, isNull(rounds.drawnAt), eq(rounds.status, 'running')));
}

/** A shard is there once all its items are. @param first of its positions in the round. */
async function saveShard(
  db: Db,
  { id: roundId, settings, spec }: RoundRow,
  sample: readonly ItemToBe[],
  first: number,
): Promise<void> {
  const shard = first / settings.shardSize;
  const given = spec.models.some(({ accountId }) => accountId === null);
  const size = given ? TEXTS_AT_ONCE : ROWS_PER_INSERT;
  await db.transaction(async (tx) => {
    if (!(await insertShard(tx, roundId, shard))) return;
    for (const start of startsOf(sample.length, size)) {
      const slice = sample.slice(start, start + size);
      const telling = given ? await namingTheirModel(tx, slice) : new Set<ItemToBe>();
      const rows = slice.map((item, i) =>
        rowOf(roundId, item, { shard, position: first + start + i }, telling.has(item)),
      );
      await insertItems(tx, roundId, rows);
    }
    await nudgeRound(tx, roundId);
  });
}

function* startsOf(length: number, size: number): Generator<number> {
  for (let first = 0; first < length; first += size) yield first;
}

/** @returns false if it is there already, or its round has been called off. Waits for another that is writing it. */
async function insertShard(tx: Tx, roundId: RoundId, shard: number): Promise<boolean> {
  const inserted = await tx.execute(sql`
    insert into shards (round_id, shard) select id, ${shard}::int from rounds where id = ${roundId} and status = 'running'
    on conflict do nothing returning shard, ${PLANNED_ONCE}`);
  return inserted.length > 0;
}

/** Why an item fails at once: no completion was given with its prompt, or what is to be judged was erased. */
const NOT_GIVEN = 'no-completion';
const REDACTED = 'redacted';

function rowOf(
  roundId: RoundId,
  { prompt, model, variant, k }: ItemToBe,
  { shard, position }: { shard: number; position: number },
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
    shard,
    position,
    state: lacks ? 'failed' : given === null ? 'pending' : 'generated',
    fail_code: lacks ? NOT_GIVEN : null,
    completion_hash: given,
    names_model: names,
  };
}

/** A slice travels as JSON, so that any number of rows is one statement of one shape. */
async function insertItems(db: Tx, roundId: RoundId, rows: readonly ReturnType<typeof rowOf>[]): Promise<void> {
  await prepared(
    db,
    'draw items',
    sql`
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
      select max(redacted_at) as at from texts
      where redacted_at is not null and hash in (p.messages_hash, made.completion_hash)) gone
    on conflict do nothing`,
  );
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
