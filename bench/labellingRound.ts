/** A round that is open for labelling, written as rows: what generation would have left behind, of any size in seconds. */
import { randomBytes } from 'node:crypto';
import { type SQL, sql } from 'drizzle-orm';
import type { Db } from '../db/connection';
import { issueToken } from '../db/people/tokens';
import {
  accounts,
  labellers,
  models,
  people,
  personRoles,
  promptSets,
  roundCounters,
  rounds,
  shards,
} from '../db/schema';
import { type AccountId, MAIN, type PersonId, type RoundId } from '../domain/ids';
import type { FrozenSpec, RunSettings } from '../domain/spec';
import { hashText } from '../domain/text';

export interface BenchLabeller {
  id: PersonId;
  token: string;
}
export interface BenchRound {
  id: RoundId;
  items: number;
  overlap: number;
  labellers: BenchLabeller[];
}

const SHARD_SIZE = 1_000;
/** Characters of each prompt and of each completion: a paragraph. */
const TEXT_LENGTH = 400;

/** One model, one completion per prompt, the form `verdict`; nobody has labelled anything yet. */
export async function openBenchRound(
  db: Db,
  { items, overlap, labellers: count }: { items: number; overlap: number; labellers: number },
): Promise<BenchRound> {
  const id = `bench-${randomBytes(4).toString('hex')}` as RoundId;
  const accountId = `account-${id}` as AccountId;
  await db
    .insert(accounts)
    .values({ id: accountId, baseUrl: `http://127.0.0.1:1/${id}`, keyVariable: 'NO_KEY', concurrency: 1 });
  await db.insert(models).values({ id: `model-${id}` });
  await db.insert(promptSets).values({ hash: hashText(id), name: id, size: items });
  const startedBy = `p_${id}` as PersonId;
  await db.insert(people).values({ id: startedBy, name: `operator of ${id}` });
  await db.insert(rounds).values({
    id,
    name: id,
    status: 'running',
    spec: specOf(id, accountId, items, overlap),
    settings: SETTINGS,
    specHash: hashText(id),
    seed: '1',
    form: 'verdict',
    promptSetHash: hashText(id),
    startedBy,
    drawnAt: new Date(),
    deadlineAt: new Date(Date.now() + 86_400_000),
  });
  await db.insert(roundCounters).values({ roundId: id, lastPlace: items });
  const shardRows = Array.from({ length: Math.ceil(items / SHARD_SIZE) }, (_, shard) => {
    const open = Math.min(SHARD_SIZE, items - shard * SHARD_SIZE);
    return { roundId: id, shard, state: 'labelling' as const, open };
  });
  await db.insert(shards).values(shardRows);
  for (const statement of itemRows({ id, accountId, items, overlap })) await db.execute(statement);
  const made = { id, items, overlap, labellers: await makeLabellers(db, id, count) };
  // As autovacuum would have left it: the rows of a real round come in over hours.
  await db.execute(sql`vacuum analyze`);
  return made;
}

/** Ids by the item's number: what sampling and generation derive is of no interest here. */
function itemRows({
  id,
  accountId,
  items,
  overlap,
}: {
  id: RoundId;
  accountId: AccountId;
  items: number;
  overlap: number;
}): SQL[] {
  const numbers = sql`generate_series(0, ${items - 1}::int) as n`;
  const uuid = (what: string) => sql`md5(${`${what} ${id} `}::text || n)::uuid`;
  const hash = (what: string) => sql`encode(sha256(convert_to(${`${what} ${id} `}::text || n, 'UTF8')), 'hex')`;
  const text = (what: string) =>
    sql`rpad(${`${what} of ${id}, `}::text || n || ' ', ${TEXT_LENGTH}::int, 'and so on ')`;
  return [
    sql`insert into texts (hash, body)
      select ${hash('prompt')}, jsonb_build_array(jsonb_build_object('role', 'user', 'content', ${text('prompt')}))::text from ${numbers}`,
    sql`insert into texts (hash, body)
      select ${hash('answer')}, jsonb_build_object('role', 'assistant', 'content', ${text('answer')})::text from ${numbers}`,
    sql`insert into prompts (id, set_hash, external_id, position, purpose, messages_hash)
      select ${uuid('prompt')}, ${hashText(id)}, n, n, 'measure', ${hash('prompt')} from ${numbers}`,
    sql`insert into items (id, round_id, prompt_id, model_id, variant, k, account_id, shard, position, state, completion_hash, opened_at)
      select ${uuid('item')}, ${id}, ${uuid('prompt')}, ${`model-${id}`}, ${MAIN}, 0, ${accountId}, n / ${SHARD_SIZE}::int, n, 'open',
        ${hash('answer')}, now() from ${numbers}`,
    sql`insert into item_arms (item_id, arm, round_id, slots)
      select ${uuid('item')}, ${MAIN}, ${id}, ${overlap}::int from ${numbers}`,
    sql`insert into places (round_id, arm, place, item_id) select ${id}, ${MAIN}, n + 1, ${uuid('item')} from ${numbers}`,
  ];
}

async function makeLabellers(db: Db, roundId: RoundId, count: number): Promise<BenchLabeller[]> {
  const made: BenchLabeller[] = [];
  for (let i = 0; i < count; i += 1) {
    const id = `p_${roundId}-${i}` as PersonId;
    await db.insert(people).values({ id, name: `labeller ${i} of ${roundId}` });
    await db.insert(personRoles).values({ personId: id, role: 'labeller' });
    await db.insert(labellers).values({ id, kind: 'simulated' });
    made.push({ id, token: await issueToken(db, id) });
  }
  return made;
}

function specOf(id: RoundId, accountId: AccountId, items: number, overlap: number): FrozenSpec {
  const asked = { system: null, temperature: null, topP: null, maxTokens: null, seed: null };
  return {
    name: id,
    prompts: { setHash: hashText(id), sample: items, of: items, purpose: 'measure' },
    models: [
      { id: `model-${id}`, apiModel: 'none', accountId, ...asked, family: null, parameters: null, regime: null },
    ],
    form: 'verdict',
    resolving: { overlap, rule: 'majority', contestOnConflict: false, unresolved: 'count' },
    onePerPrompt: true,
    confidence: 0.95,
    guarantee: null,
  };
}

const SETTINGS: RunSettings = {
  groups: [],
  leaseMs: 1_800_000,
  maxTries: 3,
  callTimeoutMs: 1_000,
  retryDelayMs: 10,
  shardSize: SHARD_SIZE,
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
