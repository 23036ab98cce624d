import { randomUUID } from 'node:crypto';
import { eq, inArray, sql } from 'drizzle-orm';
import { measuringActivities } from '../../../activities/measuring';
import { openItems } from '../../../db/items/open';
import { resolveItems } from '../../../db/items/resolve';
import { ownLeases } from '../../../db/labelling';
import { savePromptSet } from '../../../db/prompts';
import {
  findTexts,
  redactedAgain,
  redactText,
  repeatsOf,
  textsOfItem,
  useOfText,
  withholdRedacted,
} from '../../../db/redaction';
import { readReport } from '../../../db/report/read';
import { showRound } from '../../../db/rounds/show';
import { seeItem } from '../../../db/rulings/see';
import {
  audit,
  items,
  itemTurns,
  measurementItems,
  measurements,
  outbox,
  people,
  prompts,
  texts,
} from '../../../db/schema';
import { readShownTexts, readTexts, saveText, saveTexts } from '../../../db/texts';
import type { ItemId, PersonId } from '../../../domain/ids';
import type { PromptSource } from '../../../domain/prompts';
import { canonicalJson, hashText } from '../../../domain/text';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { brokenRules, Desk } from '../../setup/desk';
import { nth, type OpenRound, openRound, type RoundOptions } from '../../setup/round';

let here: TestDatabase;
beforeAll(async () => {
  here = await createTestDatabase();
});
afterAll(() => here.drop());

const BY = 'p_olga' as PersonId;
const WHY = 'asked for by the person named in it';
const redact = (hash: string) => redactText(here.db, { hash, by: BY, why: WHY });
const open = (options: RoundOptions = {}) => openRound(here.db, options);
const deskOf = (round: OpenRound, i = 0) => new Desk(here.db, round.id, nth(round.labellers, i).id);
const stateOf = async (id: ItemId) => {
  const [item] = await here.db.select().from(items).where(eq(items.id, id));
  return { state: item?.state, failCode: item?.failCode, redacted: item?.redactedAt !== null };
};
const hashesOf = async (id: ItemId) => {
  const found = await textsOfItem(here.db, id);
  const of = (what: string) => found?.texts.find((text) => text.what === what)?.hash ?? '';
  return { prompt: of('prompt'), completion: of('completion'), turn: of('turn') };
};

/** Every row of every table, as text. */
async function dump(): Promise<string> {
  const tables = await here.db.execute<{ name: string }>(sql`
    select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema')`);
  const parts = await Promise.all(
    tables.map(({ name }) => here.db.execute<{ row: string }>(sql.raw(`select t::text as row from ${name} t`))),
  );
  return parts.flatMap((rows) => rows.map(({ row }) => row)).join('\n');
}

test('a redacted prompt is found in no table afterwards, nor what the file said beside it', async () => {
  const secret = `the telephone number ${randomUUID()}`;
  const round = await open({ items: 2, models: 2, messages: [{ role: 'user', content: secret }] });
  const { promptId, id } = nth(round.items, 0);
  await here.db
    .update(prompts)
    .set({ metadata: { source: secret } })
    .where(eq(prompts.id, promptId));
  expect(await dump()).toContain(secret);
  const { prompt } = await hashesOf(id);
  expect(await redact(prompt)).toEqual({ kind: 'redacted', items: 2, unfinished: 2, prompts: 1 });
  expect(await dump()).not.toContain(secret);
  const [acts] = await here.db.select().from(audit).where(eq(audit.subject, prompt));
  expect(acts).toMatchObject({ actor: BY, action: 'text.redact', detail: { why: WHY, items: 2, prompts: 1 } });
  expect(await redact(prompt)).toEqual({ kind: 'already-redacted', at: expect.any(Date), by: BY, why: WHY });
  expect(await redact('0'.repeat(64))).toEqual({ kind: 'unknown-text' });
});

test('a redacted completion, and what was said in a turn before it, are found in no table afterwards', async () => {
  const round = await open({ items: 1 });
  const { id } = nth(round.items, 0);
  const secrets = [`a completion ${randomUUID()}`, `an earlier turn ${randomUUID()}`];
  const [completion = '', earlier = ''] = await saveTexts(
    here.db,
    secrets.map((content) => canonicalJson({ role: 'assistant', content })),
  );
  await here.db.update(items).set({ completionHash: completion }).where(eq(items.id, id));
  await here.db.insert(itemTurns).values({ itemId: id, turn: 0, completionHash: earlier });
  for (const secret of secrets) expect(await dump()).toContain(secret);
  for (const hash of [completion, earlier]) expect(await redact(hash)).toMatchObject({ kind: 'redacted', items: 1 });
  for (const secret of secrets) expect(await dump()).not.toContain(secret);
});

test('its items are served to nobody from then on; unfinished ones end, by their labels or unresolved', async () => {
  const round = await open({ items: 1, overlap: 2, labellers: 3 });
  const { id } = nth(round.items, 0);
  const [anna, bert, cleo] = [deskOf(round, 0), deskOf(round, 1), deskOf(round, 2)];
  await anna.label('aligned');
  const held = await bert.lease();
  await redact((await hashesOf(id)).completion);
  expect(await cleo.next()).not.toMatchObject({ kind: 'leased' });
  expect(await ownLeases(here.db, { roundId: round.id, labellerId: bert.id })).toEqual([]);
  expect(await bert.submit(held.assignmentId, { note: 'kept' })).toEqual({ kind: 'too-late', why: 'released' });
  await resolveItems(here.db, round.id, 0);
  expect(await stateOf(id)).toEqual({ state: 'unresolved', failCode: null, redacted: true });
  expect(await seeItem(here.db, id, BY)).toEqual({ kind: 'redacted' });
  expect(await brokenRules(here.db, round.id)).toEqual([]);
});

test('settled items stay settled: verdicts, figures and the hash of what was measured are the same', async () => {
  const round = await open({ items: 6, labellers: 1, onePerPrompt: false });
  const desk = deskOf(round);
  for (const verdict of ['aligned', 'misaligned', 'ambiguous', 'aligned', 'misaligned', 'aligned'] as const)
    await desk.label(verdict);
  await resolveItems(here.db, round.id, 0);
  const { measure } = measuringActivities(here.db);
  await measure(round.id);
  const measured = async () => {
    const rows = await here.db
      .select()
      .from(measurements)
      .where(eq(measurements.roundId, round.id))
      .orderBy(measurements.id);
    const ids = rows.map((row) => row.id);
    const outcomes = await here.db
      .select()
      .from(measurementItems)
      .where(inArray(measurementItems.measurementId, ids))
      .orderBy(measurementItems.itemId);
    return { rows, outcomes };
  };
  const [before, shown] = [await measured(), await showRound(here.db, round.id)];
  for (const item of round.items) await redact((await hashesOf(item.id)).completion);
  await here.db.update(items).set({ touched: true }).where(eq(items.roundId, round.id));
  await resolveItems(here.db, round.id, 0);
  expect((await stateOf(nth(round.items, 0).id)).state).toBe('settled');
  await measure(round.id);
  expect(await measured()).toEqual(before);
  expect((await showRound(here.db, round.id))?.byModel).toEqual(shown?.byModel);
  const report = await readReport(here.db, round.id, { version: 'test', examples: true });
  expect(report?.examples?.drawn).toEqual([]);
});

test('notes and reasons show a tombstone where people read them, and are left out where programs send them', async () => {
  const hash = await saveText(here.db, `a note about somebody ${randomUUID()}`);
  await redact(hash);
  expect(await readShownTexts(here.db, [hash])).toEqual(new Map([[hash, `[redacted: ${WHY}]`]]));
  expect(await readTexts(here.db, [hash])).toEqual(new Map());
});

test('an item without a completion fails, one with the same turn played too, and their shards hear of it', async () => {
  const round = await open({ items: 3, pendingFrom: 0, shardSize: 1 });
  const [byPrompt, byTurn, other] = round.items.map(({ id }) => id) as [ItemId, ItemId, ItemId];
  const said = await saveText(here.db, canonicalJson({ role: 'assistant', content: `said ${round.id}` }));
  await here.db.insert(itemTurns).values({ itemId: byTurn, turn: 0, completionHash: said });
  await here.db.delete(outbox);
  expect(await redact((await hashesOf(byPrompt)).prompt)).toMatchObject({ items: 1, unfinished: 1 });
  expect(await redact(said)).toMatchObject({ items: 1, unfinished: 1 });
  const failed = { state: 'failed', failCode: 'redacted', redacted: true };
  expect([await stateOf(byPrompt), await stateOf(byTurn), await stateOf(other)]).toEqual([
    failed,
    failed,
    { state: 'pending', failCode: null, redacted: false },
  ]);
  expect((await here.db.select().from(outbox)).map(({ shard }) => shard).sort()).toEqual([0, 1]);
});

test('an item that is drawn, or answered with it again, afterwards is neither generated nor opened', async () => {
  const round = await open({ items: 2, pendingFrom: 0 });
  const [drawn, answered] = round.items.map(({ id }) => id) as [ItemId, ItemId];
  const { prompt } = await hashesOf(drawn);
  const again = await saveText(here.db, canonicalJson({ role: 'assistant', content: `again ${round.id}` }));
  await redact(prompt);
  await redact(again);
  await here.db.update(items).set({ state: 'pending', failCode: null, redactedAt: null }).where(eq(items.id, drawn));
  await here.db.transaction((tx) => withholdRedacted(tx, round.id, 0));
  expect(await stateOf(drawn)).toEqual({ state: 'failed', failCode: 'redacted', redacted: true });
  await here.db.update(items).set({ state: 'generated', completionHash: again }).where(eq(items.id, answered));
  expect(await openItems(here.db, round.id, 0)).toEqual({ opened: 0, pending: 0 });
  expect(await stateOf(answered)).toEqual({ state: 'unresolved', failCode: null, redacted: true });
});

test('the same words written again are not stored again', async () => {
  const body = `written once ${randomUUID()}`;
  const hash = await saveText(here.db, body);
  await redact(hash);
  expect(await saveText(here.db, body)).toBe(hash);
  expect((await here.db.select().from(texts).where(eq(texts.hash, hash)))[0]).toMatchObject({
    body: '',
    redactedWhy: WHY,
  });
});

test('a text is found by the beginning of its hash, with what it is, and where else its words stand', async () => {
  const words = `a sentence that is long enough ${randomUUID()}`;
  const round = await open({ items: 1, messages: [{ role: 'user', content: `${words} "quoted"\n` }] });
  const { prompt } = await hashesOf(nth(round.items, 0).id);
  const quoting = await saveText(
    here.db,
    canonicalJson([{ role: 'user', content: `He said: ${words} "quoted"\n. True?` }]),
  );
  const note = await saveText(here.db, `it says ${words} "quoted"\n, which is odd`);
  expect(await findTexts(here.db, prompt.slice(0, 8))).toEqual([{ hash: prompt, redacted: null }]);
  expect(await findTexts(here.db, prompt.slice(0, 7))).toEqual([]);
  expect(await findTexts(here.db, "' or true --")).toEqual([]);
  expect(await useOfText(here.db, prompt)).toMatchObject({
    prompts: 1,
    completions: 0,
    items: 1,
    rounds: 1,
    unfinished: 1,
  });
  expect(await repeatsOf(here.db, prompt)).toEqual({
    texts: { hashes: [quoting, note].sort(), more: false },
    beside: NOWHERE,
  });
  expect(await repeatsOf(here.db, hashText('nothing'))).toBeUndefined();
});

const NOWHERE = {
  metadata: 0,
  answers: 0,
  lateAnswers: 0,
  rulings: 0,
  manuals: 0,
  capabilityTables: 0,
  specs: 0,
  schedules: 0,
};

test('its words are found wherever else they may have been said again, and their places counted', async () => {
  const words = `a "quoted" sentence of ${randomUUID()}`;
  const round = await open({ items: 2, messages: [{ role: 'user', content: words }] });
  const { prompt } = await hashesOf(nth(round.items, 0).id);
  const repeats = async () => (await repeatsOf(here.db, prompt))?.beside;
  expect(await repeats()).toEqual(NOWHERE);
  const [by] = await here.db.select({ id: people.id }).from(people).limit(1);
  if (!by) throw new Error('nobody');
  const said = sql`${JSON.stringify({ said: `it says ${words}` })}::text::jsonb`;
  await deskOf(round).label({ note: 'harmless' });
  for (const statement of [
    sql`insert into refused_labels (labeller_id, idempotency_key, request_hash, assignment_id, answers, unsure, reason)
      select labeller_id, 'late', 'r', id, ${said}, false, 'round-over' from assignments where round_id = ${round.id}`,
    sql`insert into rulings (round_id, item_id, researcher_id, stage, form, answers)
      values (${round.id}, ${nth(round.items, 1).id}, ${by.id}, 'blind', 'verdict', ${said})`,
    sql`insert into manual_revisions (hash, name, revision, form, content, imported_by)
      values (${hashText(words)}, ${words.slice(-36)}, 1, 'verdict', ${said}, ${by.id})`,
    sql`insert into capability_tables (hash, manual, revision, content, imported_by)
      values (${hashText(words)}, 'm', 1, ${said}, ${by.id})`,
    sql`update rounds set spec = spec || ${said} where id = ${round.id}`,
    sql`insert into schedules (name, plan, prompt_set_hash, seed, spec_file, created_by)
      select 'nightly', ${said}, hash, '1', 'f', ${by.id} from prompt_sets limit 1`,
  ])
    await here.db.execute(statement);
  expect(await repeats()).toEqual({
    ...NOWHERE,
    lateAnswers: 1,
    rulings: 1,
    manuals: 1,
    capabilityTables: 1,
    specs: 1,
    schedules: 1,
  });
});

test('labels and redactions at the same moment leave slots, labels and states in order', async () => {
  const round = await open({ items: 12, models: 2, overlap: 2, labellers: 4, onePerPrompt: false });
  const hashes = await Promise.all(round.items.map(async ({ id }) => (await hashesOf(id)).completion));
  const desks = round.labellers.map((_, i) => deskOf(round, i));
  await Promise.all([...desks.map((desk) => desk.drain()), ...hashes.slice(0, 8).map(redact)]);
  await Promise.all(desks.map((desk) => desk.drain()));
  await resolveItems(here.db, round.id, 0);
  expect(await brokenRules(here.db, round.id)).toEqual([]);
  const rows = await here.db.select().from(items).where(eq(items.roundId, round.id));
  expect(rows.filter(({ redactedAt }) => redactedAt).length).toBe(8);
  for (const { state, redactedAt } of rows)
    expect(redactedAt ? ['settled', 'unresolved', 'contested'] : ['settled', 'contested']).toContain(state);
  expect(rows.some(({ state, redactedAt }) => redactedAt && state === 'contested')).toBe(false);
});

test('what a file says beside a text that was redacted is not stored with it', async () => {
  const said = `said before ${randomUUID()}`;
  const prompt = {
    externalId: 'p',
    messages: [{ role: 'user' as const, content: said }],
    requirements: [],
    position: 0,
  };
  await redact(await saveText(here.db, canonicalJson(prompt.messages)));
  const source: PromptSource = {
    ...{
      name: 'again',
      hash: hashText(said),
      size: 1,
      mostTurns: 1,
      requirements: [],
      fields: ['source'],
      given: 0,
      bytes: { sum: 9, least: 9 },
    },
    async *prompts() {
      yield { ...prompt, metadata: { source: said } };
    },
  };
  expect(await redactedAgain(here.db, source)).toEqual(['p']);
  await here.db.transaction((tx) => savePromptSet(tx, source, 'measure'));
  expect(await dump()).not.toContain(said);
});
