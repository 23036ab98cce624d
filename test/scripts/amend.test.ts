/** Commands over a round that is labelled: previews, amendments, quarantine. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eq } from 'drizzle-orm';
import { resolveItems } from '../../db/items/resolve';
import { skip } from '../../db/labelling';
import { addPerson } from '../../db/people';
import { audit, items } from '../../db/schema';
import { startCommand } from '../setup/command';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { Desk } from '../setup/desk';
import { cell, FAULTY, FINE, judgeByManual, storeTable } from '../setup/manual';
import { nth, type OpenRound, openRound } from '../setup/round';
import { runHere } from './inThisProcess';

let database: TestDatabase;
let dir: string;
beforeAll(async () => {
  database = await createTestDatabase();
  dir = mkdtempSync(path.join(tmpdir(), 'plumbline-amend-'));
  await addPerson(database.db, { name: 'Rosa', roles: ['researcher'] });
  await addPerson(database.db, { name: 'Ada', roles: ['admin'] });
  await addPerson(database.db, { name: 'Olga', roles: ['operator'] });
});
afterAll(async () => {
  await database.drop();
  rmSync(dir, { recursive: true, force: true });
});

async function run(...args: string[]) {
  const end = await runHere([...args, '--json'], dir, { DATABASE_URL: database.url });
  return { code: end.code, stdout: end.stdout, json: end.json() };
}

const TABLE = `manual: small
by: Rosa
on: 2026-11-21
expires: never
cells:
  - {entry: right-length, models: all, state: capable, evidence: [{kind: benchmark, source: IFEval 0.9}]}
  - {entry: tells-what-is-wanted, models: all, state: capable, evidence: [{kind: opinion, source: Rosa}]}
`;

async function labelledRound(): Promise<OpenRound> {
  const round = await openRound(database.db, { items: 3 });
  await judgeByManual(database.db, round.id, []);
  const desk = new Desk(database.db, round.id, nth(round.labellers, 0).id);
  for (const answers of [FAULTY, FINE, FINE]) await desk.label({ answers });
  await resolveItems(database.db, round.id, 0);
  return round;
}

test('a table is previewed from its file, imported, and then measured by, on record', async () => {
  const round = await labelledRound();
  const file = path.join(dir, 'capability.yaml');
  writeFileSync(file, TABLE);
  const preview = await run('capability', 'show', '--file', file, '--preview', round.id);
  expect(preview).toMatchObject({
    code: 0,
    json: [{ event: 'preview', roundId: round.id, byModel: [{ items: 3, changed: 1, moves: [{ items: 1 }] }] }],
  });
  const imported = await run('capability', 'import', file, '--as', 'Rosa');
  const table = String(imported.json[0]?.table);
  const amend = ['round', 'amend', round.id, '--capability', table, '--why', 'IFEval'];
  expect(await run(...amend, '--as', 'Rosa', '--dry-run')).toMatchObject({ code: 0, json: [{ event: 'would-amend' }] });
  const amended = await startCommand([...amend, '--as', 'Rosa', '--json'], dir, { DATABASE_URL: database.url }).end;
  expect([amended.code, amended.json()]).toEqual([0, [expect.objectContaining({ event: 'amended', items: 3 })]]);
  expect(await run(...amend, '--as', 'Rosa')).toMatchObject({ code: 0, json: [{ event: 'already' }] });
  const shown = await run('round', 'show', round.id);
  expect(shown.json[0]).toMatchObject({ capabilityTable: table, amendments: [{ why: 'IFEval' }] });
});

test('an amendment is a researcher’s, with a reason, by a table of the round’s manual', async () => {
  const round = await labelledRound();
  await storeTable(database.db, [cell('flying', 'capable')]);
  const amend = (capability: string, why: string, as: string) =>
    run('round', 'amend', round.id, '--capability', capability, '--why', why, '--as', as);
  expect(await amend('small@1', 'x', 'Olga')).toMatchObject({ code: 1, json: [{ error: { kind: 'not-allowed' } }] });
  expect(await amend('small@1', ' ', 'Rosa')).toMatchObject({ code: 2, json: [{ error: { at: '--why' } }] });
  expect(await amend('small@99', 'x', 'Rosa')).toMatchObject({ code: 2, json: [{ error: { kind: 'unknown-table' } }] });
  const flying = {
    kind: 'other-table',
    message: 'the capability table small@N speaks of flying, which the manual small@1 lacks',
  };
  const misfits = [await amend('small', 'x', 'Rosa'), await run('capability', 'show', '--preview', round.id)];
  for (const { code, json } of misfits) {
    expect([code, JSON.parse(JSON.stringify(json[0]?.error).replace(/small@\d+ speaks/, 'small@N speaks'))]).toEqual([
      2,
      expect.objectContaining(flying),
    ]);
  }
  const plain = await openRound(database.db);
  expect(await run('round', 'amend', plain.id, '--capability', 'small', '--why', 'x', '--as', 'Rosa')).toMatchObject({
    json: [{ error: { kind: 'no-derivation' } }],
  });
  expect(await run('capability', 'show', '--preview', plain.id)).toMatchObject({
    json: [{ error: { kind: 'no-derivation', at: '--preview' } }],
  });
  expect(await run('capability', 'show', '--file', 'x.yaml')).toMatchObject({
    code: 2,
    json: [{ error: { at: '--file' } }],
  });
});

test('what is in quarantine is shown to the named role alone, and every look and refusal is on record', async () => {
  const round = await openRound(database.db, {
    items: 1,
    completion: () => ({ role: 'assistant', content: 'dire\u001b[2J' }),
  });
  const desk = new Desk(database.db, round.id, nth(round.labellers, 0).id);
  const { assignmentId, itemId } = await desk.lease();
  await skip(database.db, { assignmentId, labellerId: desk.id, code: 'possibly-illegal' });
  expect(await run('quarantine', 'list', '--as', 'Olga')).toMatchObject({
    code: 1,
    json: [{ error: { kind: 'not-allowed' } }],
  });
  expect(await run('quarantine', 'list', round.id, '--as', 'Ada')).toMatchObject({
    json: [{ itemId, roundId: round.id }],
  });
  const shown = await runHere(['quarantine', 'show', itemId, '--as', 'Ada'], dir, { DATABASE_URL: database.url });
  expect(shown.stdout).toContain('dire');
  expect(shown.stdout).not.toContain('\u001b');
  const doctor = await run('doctor');
  expect(doctor.stdout).toContain('may be illegal');
  expect(await run('adjudicate', 'show', itemId, '--as', 'Rosa')).not.toMatchObject({ code: 0 });
  const release = ['quarantine', 'release', itemId, '--why', 'a recipe'];
  expect(await run(...release, '--as', 'Rosa')).toMatchObject({ json: [{ error: { kind: 'not-allowed' } }] });
  expect(await run(...release, '--as', 'Ada')).toMatchObject({ code: 0, json: [{ event: 'released' }] });
  expect(await run('quarantine', 'add', itemId, '--why', 'after all', '--as', 'Rosa')).toMatchObject({
    json: [{ event: 'quarantined' }],
  });
  expect(await run('quarantine', 'show', 'nonsense', '--as', 'Ada')).toMatchObject({ code: 2 });
  const acts = await database.db.select().from(audit).where(eq(audit.subject, itemId)).orderBy(audit.id);
  expect(acts.map(({ action, refused }) => `${action}${refused ? ' refused' : ''}`)).toEqual(
    expect.arrayContaining(['item.quarantine', 'quarantine.show', 'quarantine.release refused', 'quarantine.release']),
  );
  const [item] = await database.db.select().from(items).where(eq(items.id, itemId));
  expect(item?.quarantinedAt).not.toBeNull();
});
