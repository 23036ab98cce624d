/** A round that is open for labelling, inserted as rows: what generation would have left behind. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Db } from '../../db/connection';
import { givePlaces } from '../../db/places';
import {
  accounts,
  itemArms,
  items,
  labellers,
  models,
  people,
  personRoles,
  promptSets,
  prompts,
  roundCounters,
  rounds,
  shards,
  tokens,
} from '../../db/schema';
import { saveTexts } from '../../db/texts';
import type { AccountId, ItemId, PersonId, PromptId, RoundId } from '../../domain/ids';
import { MAIN } from '../../domain/ids';
import type { FrozenSpec, RunSettings } from '../../domain/spec';
import { canonicalJson, hashText, type Json } from '../../domain/text';

export interface RoundOptions {
  /** Prompts × models: each prompt is answered by each model, as far as they go. */
  items?: number;
  models?: number;
  overlap?: number;
  /** How many, or who with what. */
  labellers?: number | { groups?: string[]; holds?: string[] }[];
  onePerPrompt?: boolean;
  leaseMs?: number;
  shardSize?: number;
  groups?: string[];
  deadlineMs?: number;
  system?: string;
  messages?: Json[];
  requirements?: (item: number) => string[];
  /** The assistant's message. */
  completion?: (item: number) => Json;
  /** Items from this one on have no completion yet. */
  pendingFrom?: number;
}
export interface OpenItem {
  id: ItemId;
  promptId: PromptId;
  modelId: string;
  shard: number;
}
export interface TestLabeller {
  id: PersonId;
  token: string;
}
export interface OpenRound {
  id: RoundId;
  accountId: AccountId;
  items: OpenItem[];
  labellers: TestLabeller[];
}

/** Two items, one model, overlap 1 and one labeller, unless told otherwise. */
export async function openRound(db: Db, options: RoundOptions = {}): Promise<OpenRound> {
  const id = `r-${randomBytes(5).toString('hex')}` as RoundId;
  const count = options.items ?? 2;
  const modelIds = Array.from({ length: options.models ?? 1 }, (_, m) => `${id}-model-${m}`);
  const accountId = await makeAccount(db, id);
  await insertAll(
    db,
    models,
    modelIds.map((model) => ({ id: model })),
  );
  const promptRows = await makePrompts(db, id, Math.ceil(count / modelIds.length), modelIds.length, options);
  const startedBy = await makeOperator(db, id);
  await db.insert(rounds).values({
    id,
    name: id,
    status: 'running',
    spec: specOf(id, modelIds, accountId, options),
    settings: settingsOf(options),
    specHash: hashText(id),
    seed: '1',
    form: 'verdict',
    promptSetHash: hashText(id),
    startedBy,
    drawnAt: new Date(),
    deadlineAt: new Date(Date.now() + (options.deadlineMs ?? 3_600_000)),
  });
  await db.insert(roundCounters).values({ roundId: id });
  const made = await makeItems(db, id, count, modelIds, accountId, promptRows, options);
  return { id, accountId, items: made, labellers: await makeLabellers(db, id, options.labellers ?? 1) };
}

async function makeAccount(db: Db, id: string): Promise<AccountId> {
  const accountId = `acct-${id}` as AccountId;
  await db
    .insert(accounts)
    .values({ id: accountId, baseUrl: `http://127.0.0.1:1/${id}`, keyVariable: 'NO_KEY', concurrency: 1 });
  return accountId;
}

async function makeOperator(db: Db, name: string): Promise<PersonId> {
  const id = newPersonId();
  await db.insert(people).values({ id, name: `operator of ${name}` });
  await db.insert(personRoles).values({ personId: id, role: 'operator' });
  return id;
}

export async function makeLabellers(
  db: Db,
  name: string,
  wanted: NonNullable<RoundOptions['labellers']>,
): Promise<TestLabeller[]> {
  const each = typeof wanted === 'number' ? Array.from({ length: wanted }, () => ({})) : wanted;
  const made = each.map((given) => ({
    id: newPersonId(),
    token: `plt_${randomUUID()}`,
    groups: [],
    holds: [],
    ...given,
  }));
  await insertAll(
    db,
    people,
    made.map(({ id }) => ({ id, name: `labeller ${id} of ${name}` })),
  );
  await insertAll(
    db,
    personRoles,
    made.map(({ id }) => ({ personId: id, role: 'labeller' as const })),
  );
  await insertAll(
    db,
    labellers,
    made.map(({ id, groups, holds }) => ({ id, kind: 'human' as const, groups, holds })),
  );
  await insertAll(
    db,
    tokens,
    made.map(({ id, token }) => ({ hash: hashText(token), personId: id })),
  );
  return made.map(({ id, token }) => ({ id, token }));
}

function newPersonId(): PersonId {
  return `p_${randomBytes(6).toString('hex')}` as PersonId;
}

async function makePrompts(db: Db, id: RoundId, count: number, perPrompt: number, options: RoundOptions) {
  const setHash = hashText(id);
  await db.insert(promptSets).values({ hash: setHash, name: id, size: count });
  const bodies = Array.from({ length: count }, (_, p) =>
    canonicalJson(options.messages ?? [{ role: 'user', content: `prompt ${p} of ${id}` }]),
  );
  const rows: (typeof prompts.$inferInsert)[] = [];
  for (let at = 0; at < count; at += ROWS_PER_INSERT) {
    const hashes = await saveTexts(db, bodies.slice(at, at + ROWS_PER_INSERT));
    hashes.forEach((messagesHash, i) => {
      rows.push({
        id: randomUUID() as PromptId,
        setHash,
        externalId: String(at + i),
        position: at + i,
        purpose: 'measure',
        messagesHash,
        requirements: options.requirements?.((at + i) * perPrompt) ?? [],
      });
    });
  }
  await insertAll(db, prompts, rows);
  return rows;
}

async function makeItems(
  db: Db,
  roundId: RoundId,
  count: number,
  modelIds: string[],
  accountId: AccountId,
  promptRows: (typeof prompts.$inferInsert)[],
  options: RoundOptions,
): Promise<OpenItem[]> {
  const shardSize = options.shardSize ?? 200;
  const shardCount = Math.max(1, Math.ceil(count / shardSize));
  await insertAll(
    db,
    shards,
    Array.from({ length: shardCount }, (_, shard) => {
      const size = Math.min(shardSize, count - shard * shardSize);
      const unopened = Math.min(size, Math.max(0, shard * shardSize + size - (options.pendingFrom ?? count)));
      return { roundId, shard, state: 'labelling' as const, unopened, open: size - unopened };
    }),
  );
  const completions: string[] = [];
  for (let i = 0; i < count; i += ROWS_PER_INSERT) {
    const bodies = Array.from({ length: Math.min(ROWS_PER_INSERT, count - i) }, (_, n) =>
      canonicalJson(options.completion?.(i + n) ?? { role: 'assistant', content: `answer ${i + n} of ${roundId}` }),
    );
    completions.push(...(await saveTexts(db, bodies)));
  }
  const rows = Array.from({ length: count }, (_, i) => {
    const prompt = nth(promptRows, Math.floor(i / modelIds.length));
    const pending = i >= (options.pendingFrom ?? count);
    return {
      id: randomUUID() as ItemId,
      roundId,
      promptId: prompt.id,
      modelId: nth(modelIds, i % modelIds.length),
      variant: MAIN,
      k: 0,
      accountId,
      shard: Math.floor(i / shardSize),
      position: i,
      requirements: options.requirements?.(i) ?? [],
      state: pending ? ('pending' as const) : ('open' as const),
      completionHash: pending ? null : nth(completions, i),
      openedAt: pending ? null : new Date(),
    };
  });
  await insertAll(db, items, rows);
  const open = rows.filter((row) => row.state === 'open');
  await insertAll(
    db,
    itemArms,
    open.map((row) => ({ itemId: row.id, arm: MAIN, roundId, slots: options.overlap ?? 1 })),
  );
  await db.transaction((tx) =>
    givePlaces(
      tx,
      roundId,
      MAIN,
      open.map((row) => row.id),
    ),
  );
  return rows.map(({ id, promptId, modelId, shard }) => ({ id, promptId, modelId, shard }));
}

function specOf(id: RoundId, modelIds: string[], accountId: AccountId, options: RoundOptions): FrozenSpec {
  const prompts = Math.ceil((options.items ?? 2) / modelIds.length);
  return {
    name: id,
    prompts: { setHash: hashText(id), sample: prompts, of: prompts, purpose: 'measure' },
    models: modelIds.map((model) => ({
      id: model,
      apiModel: model,
      accountId,
      system: options.system ?? null,
      temperature: null,
      topP: null,
      maxTokens: null,
      seed: null,
      family: null,
      parameters: null,
      regime: null,
    })),
    form: 'verdict',
    resolving: { overlap: options.overlap ?? 1, rule: 'majority', contestOnConflict: false, unresolved: 'count' },
    onePerPrompt: options.onePerPrompt ?? true,
    confidence: 0.95,
    guarantee: null,
  };
}

function settingsOf(options: RoundOptions): RunSettings {
  return {
    groups: options.groups ?? [],
    leaseMs: options.leaseMs ?? 600_000,
    maxTries: 3,
    callTimeoutMs: 1_000,
    retryDelayMs: 10,
    shardSize: options.shardSize ?? 200,
    chunkSize: 25,
    timings: {
      window: 8,
      sweepMs: 60_000,
      heartbeatMs: 10_000,
      chunkTimeoutMs: 60_000,
      historyEvents: 10_000,
      retryCapMs: 30_000,
    },
  };
}

const ROWS_PER_INSERT = 1_000;

async function insertAll<Table extends PgTable>(db: Db, table: Table, rows: Table['$inferInsert'][]): Promise<void> {
  for (let i = 0; i < rows.length; i += ROWS_PER_INSERT) {
    await db.insert(table).values(rows.slice(i, i + ROWS_PER_INSERT));
  }
}

/** @throws RangeError if the list is shorter. */
export function nth<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`nothing at ${index}`);
  return found;
}
