/** What a round cost, as its report says it: on the page, in a terminal, as a table and as JSON, each with the round's numbers. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { eq, sql } from 'drizzle-orm';
import type { Report } from '../../db/report/read';
import { readRound } from '../../db/rounds/read';
import { showRound } from '../../db/rounds/show';
import { rounds } from '../../db/schema';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import type { OpenRound } from '../setup/round';
import { runHere } from './inThisProcess';
import { reportedRound } from './reportedRound';

let database: TestDatabase;
let dir: string;
let round: OpenRound;
let models: string[];
beforeAll(async () => {
  database = await createTestDatabase();
  dir = mkdtempSync(path.join(tmpdir(), 'plumbline-costs-'));
  round = await reportedRound(database.db);
  const { settings, spec } = await readRound(database.db, round.id);
  models = spec.models.map(({ id }) => id);
  const [first = ''] = models;
  const more = {
    currency: 'EUR',
    prices: { [first]: { input: 2, output: 10, call: 0 } },
    budget: { money: 10, tokens: null },
    wages: { perHour: 600, groups: {} },
  };
  await database.db
    .update(rounds)
    .set({ settings: { ...settings, ...more } })
    .where(eq(rounds.id, round.id));
  await database.db.execute(sql`
    update generation_calls c set money = case when i.model_id = ${first} then 0.0123 else 0 end, tokens = 2000
    from items i where i.id = c.item_id and c.round_id = ${round.id}`);
});
afterAll(async () => {
  await database.drop();
  rmSync(dir, { recursive: true, force: true });
});

async function command(...args: string[]): Promise<string> {
  const end = await runHere(args, dir, { DATABASE_URL: database.url });
  expect([end.code, end.stderr]).toEqual([0, '']);
  return end.stdout;
}

test('the report has the numbers that `round show` has', async () => {
  const shown = await showRound(database.db, round.id);
  const report: Report = JSON.parse(await command('report', round.id, '--json'));
  expect(report.costs).toEqual(shown?.costs);
  expect(report.costs).toMatchObject({
    currency: 'EUR',
    calls: { money: 0.369, tokens: 120_000 },
    unpriced: [models[1]],
    budget: { money: 10 },
    people: { labellers: 8 },
  });
  expect(report.costs.people.money).toBeCloseTo(report.costs.people.hours * 600, 0);
  for (const said of [await command('report', round.id), await command('round', 'show', round.id)]) {
    expect(said).toContain('calls: 0.37 of 10.00 EUR, 120,000 tokens');
    expect(said).toContain(`${models[0]}: 30 calls, 60,000 tokens, 0.37 EUR`);
    expect(said).toContain(`${models[1]}: 30 calls, 60,000 tokens, no price given`);
    expect(said).toMatch(/people: \d\.\d\d h of 8 labellers, \d+\.\d\d EUR/);
    expect(said).toMatch(/for each settled item: 0\.\d{4} EUR calls, \d\.\d{2,4} EUR people/);
  }
});

test('the page has a section of it, and the table a column for each part', async () => {
  await command('report', round.id, '--html', 'report.html', '--csv', 'report.csv');
  const page = readFileSync(path.join(dir, 'report.html'), 'utf8');
  const section = page.slice(page.indexOf('<section id="costs"'), page.indexOf('<section id="history"'));
  const text = section.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
  expect(page).toContain('<a href="#costs">What it cost</a>');
  expect(text).toContain(`${models[0]} 30 60,000 0.37 EUR 30 0.0123 EUR`);
  expect(text).toMatch(new RegExp(`${models[1]} 30 60,000 no price given \\d+ no price given`));
  expect(text).toMatch(/All calls 0\.37 EUR, 120,000 tokens Budget for calls 10\.00 EUR/);
  const rows: Record<string, string>[] = parse(readFileSync(path.join(dir, 'report.csv'), 'utf8'), { columns: true });
  expect(rows).toMatchObject([
    { calls: '30', charged_tokens: '60000', money: '0.369', money_per_settled: '0.0123', currency: 'EUR' },
    { calls: '30', charged_tokens: '60000', money: '', money_per_settled: '', currency: '' },
  ]);
});

test('a call under way changes nothing by the mere passing of time', async () => {
  await database.db.execute(sql`
    insert into generation_calls (item_id, round_id, account_id, try, claim_until, reserved_money, reserved_tokens)
    select id, round_id, account_id, 2, now() + interval '1 minute', 0.5, 700 from items where round_id = ${round.id} limit 1`);
  const before = await command('report', round.id, '--json');
  await database.db.execute(
    sql`update generation_calls set claim_until = now() where round_id = ${round.id} and try = 2`,
  );
  expect(await command('report', round.id, '--json')).toBe(before);
});
