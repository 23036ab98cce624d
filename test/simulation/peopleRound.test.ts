import { spawn } from 'node:child_process';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { rulings } from '../../db/schema';
import type { RoundId } from '../../domain/ids';
import { hashText } from '../../domain/text';
import { PROFILES, type ProfileName } from '../../simulation/people/profiles';
import { createInstallation, type Installation } from '../setup/installation';
import type { ModelServer } from '../setup/modelServer';
import { type RunningProcess, startProcess, until } from '../setup/processes';
import {
  expectedOf,
  expectedRuling,
  labelsOf,
  MAIN,
  makePeople,
  type People,
  RESEARCHER,
  startTruth,
  truthOf,
  written,
} from './peopleAtWork';

const TEAM: readonly ProfileName[] = [
  'careful',
  'careful',
  'careful',
  'ordinary',
  'ordinary',
  'careless',
  'spammer-clean',
  'spammer-random',
];

let here: Installation;
let truth: ModelServer;
let people: People;
let site: RunningProcess;
beforeAll(async () => {
  here = await createInstallation({
    answer: ({ body }) => ({ content: written(body.messages.at(-1)?.content, body.model) }),
  });
  here.env.OTHER_KEY = 'sk-other';
  truth = await startTruth();
  site = await here.startSite();
  here.env.PLUMBLINE_SITE_PORT = new URL(here.siteUrl).port;
  await here.startWorker();
  people = await makePeople(here, `${truth.baseUrl}/truth`, TEAM);
  const starter = path.join(__dirname, '../../manuals/starter');
  const imported = await here.command('manual', 'init', starter, '--as', RESEARCHER, '--json');
  expect(imported).toMatchObject({ code: 0 });
}, 90_000);
afterAll(async () => {
  await people.end();
  await here.close();
  await truth.close();
});

const SIMULATED = { accounts: { default: { simulated: true } } };
/** Of which the starter manual's table knows what it can do. */
const LARGE = { name: 'large', family: 'sim', parameters: 7e10, regime: 'chat' };
const prompts = (n: number) => Array.from({ length: n }, (_, i) => ({ id: `p${i}`, prompt: `Question ${i}?` }));

/** Every label is what its labeller makes of its item, and nobody gave two on one. */
async function expectHonestLabels(roundId: RoundId): Promise<void> {
  const labels = await labelsOf(here, roundId);
  for (const { item_id, name, given, withdrawn, idempotency_key, assignment_id } of labels) {
    expect({ name, ...(await expectedOf(here, people, item_id, name)) }).toMatchObject({
      name,
      kind: 'label',
      ...given,
    });
    expect(withdrawn).toBe(false);
    expect(idempotency_key).toBe(assignment_id);
  }
  const pairs = labels.map(({ item_id, name }) => `${item_id} ${name}`);
  expect(new Set(pairs).size).toBe(pairs.length);
  const skipped = await here.database.db.execute<{ code: string; text: string }>(sql`
    select a.skip_code as code, t.body as text from assignments a join items i on i.id = a.item_id
    join texts t on t.hash = i.completion_hash where a.round_id = ${roundId} and a.state = 'skipped'`);
  for (const { code, text } of skipped) {
    if (truthOf(JSON.parse(text).content ?? JSON.parse(text)) === null) expect(code).toBe('beyond-my-knowledge');
  }
}

test('simulated people take a simulated round to its end, and leave a real one alone', async () => {
  await here.labellers(1);
  const real = await here.startRound(prompts(3), {
    overlap: 1,
    models: [{ name: 'real', model: 'small', account: 'other' }],
    accounts: { other: { base_url: here.model.baseUrl, key_env: 'OTHER_KEY' } },
  });
  const working = await people.start();
  const roundId = await here.startRound(prompts(24), { ...SIMULATED, manual: 'starter', models: [LARGE] });
  const done = ({ items }: { items: { total: number; settled: number } }) => items.settled >= 20;
  await here.untilRound(roundId, 'nearly all is settled', done, 60_000);
  // What nobody knows is given back by all who look, and waits for the deadline; nothing else does.
  const unknown = await here.database.db.execute<{ n: number }>(sql`
    select count(*)::int as n from items i join texts t on t.hash = i.completion_hash
    where i.round_id = ${roundId} and t.body like '%from elsewhere%'`);
  const left = unknown[0]?.n ?? 0;
  const view = await here.untilRound(
    roundId,
    'all else is settled',
    ({ items }) => items.settled >= items.total - left && items.contested === 0,
    60_000,
  );
  expect(view).toMatchObject({ simulated: true, labels: { withdrawn: 0 } });
  await expectHonestLabels(roundId);
  const given = await here.database.db.select().from(rulings);
  expect(given.length).toBeGreaterThan(0);
  for (const { itemId, answers, whyHash } of given) {
    const expected = await expectedRuling(here, itemId);
    expect({ answers, whyHash }).toEqual({ answers: expected.answers, whyHash: hashText(expected.why) });
  }
  expect(new Set(given.map((ruling) => ruling.roundId))).toEqual(new Set([roundId]));
  expect(view.rulings).toMatchObject({ total: given.length, items: given.length });

  expect(await here.show(real)).toMatchObject({ items: { open: 3 }, labels: { total: 0 } });
  const [members] = await here.database.db.execute(
    sql`select count(*)::int as n from members where round_id = ${real}`,
  );
  expect(members).toEqual({ n: 0 });
  // Never two at once of one person; who spams never asks.
  expect(truth.mostInFlight).toBeLessThanOrEqual(TEAM.filter((name) => PROFILES[name].looks).length + 1);
  for (const { body } of truth.requests) expect(JSON.stringify(body)).not.toMatch(/careful|Rosa|plt_/);
  expect(working.stderr()).toContain('"simulated":true');
  expect(working.stderr()).not.toMatch(/plt_|Question/);
  expect(await working.stop()).toBe(0);
}, 180_000);

test('people who are killed, and a site that is, cost nothing: every label is there once, and is the same', async () => {
  let working = await people.start();
  const known = prompts(60).filter(({ prompt }) => truthOf(written(prompt, 'small')) !== null);
  const roundId = await here.startRound(known, SIMULATED);
  const labelled = async () => (await here.show(roundId)).labels.total;
  await until('some labels', async () => (await labelled()) > 20, 60_000);
  await working.kill();
  const before = await labelled();
  working = await people.start();
  await until('more labels', async () => (await labelled()) > before + 20, 60_000);
  await site.kill();
  expect(await labelled()).toBeLessThan(known.length * 3);
  site = await here.startSite();
  await here.untilRound(roundId, 'the round is done', ({ status }) => status === 'done', 90_000);
  await expectHonestLabels(roundId);
  expect(await working.stop()).toBe(0);
}, 240_000);

test('they end when whoever started them is gone, and refuse what they cannot read', async () => {
  const parent = await startProcess('test/simulation/peopleParent.ts', [MAIN], people.env, 'ready');
  // Resolves when nobody holds its output any more: not before the people have ended too.
  await parent.kill();

  const refused = spawn(process.execPath, ['--import', 'tsx', MAIN], {
    cwd: path.join(__dirname, '../..'),
    env: { ...process.env, PLUMBLINE_SIMULATION_PEOPLE: path.join(here.dir, 'nothing.json') },
  });
  let said = '';
  refused.stderr.on('data', (part) => {
    said += part;
  });
  const code = await new Promise((ended) => refused.once('close', ended));
  expect({ code, error: JSON.parse(said) }).toMatchObject({
    code: 2,
    error: { error: { kind: 'settings', message: expect.stringContaining('ENOENT') } },
  });
}, 60_000);
