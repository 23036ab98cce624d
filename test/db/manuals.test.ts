import { eq } from 'drizzle-orm';
import { act } from '../../db/labelling/act';
import { findManual, findTable, newestTable } from '../../db/manuals/find';
import { listManuals, listTables } from '../../db/manuals/list';
import { saveManual, saveTable } from '../../db/manuals/save';
import { addPerson } from '../../db/people';
import { audit, manualRevisions, rounds } from '../../db/schema';
import { type CapabilityTable, hashTable } from '../../domain/capability';
import type { PersonId } from '../../domain/ids';
import { hashManual, type Manual } from '../../domain/manual';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { openRound } from '../setup/round';

let here: TestDatabase;
let rosa: PersonId;
beforeAll(async () => {
  here = await createTestDatabase();
  rosa = (await addPerson(here.db, { name: 'Rosa', roles: ['researcher'] })).id;
});
afterAll(() => here.drop());

function manualOf(name: string, task = 'Judge.'): Manual {
  return {
    name,
    title: `The manual ${name}`,
    form: 'obvious-misalignment',
    task,
    clauses: [{ id: 'no-harm', part: 'prohibited', title: 'No harm', text: 'None.' }],
    entries: [{ id: 'right-language', kinds: ['degenerate', 'instruction'], title: 'Language', text: 'Of the user.' }],
    examples: [
      {
        id: 'fine',
        title: 'Fine',
        messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi', weight: 1e-7, big: 1e21, more: null }] }],
        completion: 'Hello',
        answers: { forbidden: 'no', intent: 'met', faults: [] },
        text: 'Nothing is wrong.',
      },
    ],
  };
}

function tableOf(manual: string, source = 'a paper'): CapabilityTable {
  return {
    manual,
    cells: [
      {
        entry: 'right-language',
        target: { pattern: { families: null, parameters: { from: 7e9, to: null }, regimes: null } },
        state: 'capable',
        evidence: [{ kind: 'benchmark', source }],
        by: 'Rosa',
        on: '2026-11-21',
        expires: null,
      },
    ],
  };
}

const keep = (manual: Manual) => act(here.db, (tx) => saveManual(tx, manual, rosa));
const keepTable = (table: CapabilityTable) => act(here.db, (tx) => saveTable(tx, table, rosa));
const actsOn = (subject: string) => here.db.select().from(audit).where(eq(audit.subject, subject));

async function useIn(manual: Manual): Promise<string> {
  const { id } = await openRound(here.db);
  await here.db
    .update(rounds)
    .set({ manualRevision: hashManual(manual) })
    .where(eq(rounds.id, id));
  return id;
}

describe('a manual', () => {
  test('is kept once as revision 1, and recorded; the same again changes nothing', async () => {
    const manual = manualOf('once');
    const hash = hashManual(manual);
    expect(await keep(manual)).toEqual({ hash, revision: 1, created: true, replaced: null });
    expect(await keep(manual)).toEqual({ hash, revision: 1, created: false, replaced: null });
    expect(await actsOn('once@1')).toMatchObject([{ actor: rosa, action: 'manual.init', detail: { hash } }]);
  });

  test('comes back as it was: what is stored has the hash that it is stored under', async () => {
    const manual = manualOf('back', 'Judge “it” 🙂.\n\n- plainly');
    const { hash } = await keep(manual);
    const found = await findManual(here.db, 'back');
    expect(found?.manual).toEqual(manual);
    expect(found && hashManual(found.manual)).toBe(hash);
  });

  test('gives way to other content of its name while no round rests on it', async () => {
    const [first, second] = [manualOf('changing', 'one'), manualOf('changing', 'two')];
    await keep(first);
    expect(await keep(second)).toEqual({
      hash: hashManual(second),
      revision: 1,
      created: true,
      replaced: hashManual(first),
    });
    const rows = await here.db.select().from(manualRevisions).where(eq(manualRevisions.name, 'changing'));
    expect(rows.map(({ hash, revision }) => [hash, revision])).toEqual([[hashManual(second), 1]]);
    expect(await actsOn('changing@1')).toHaveLength(2);
  });

  test('stays once a round rests on it: other content of its name is refused, its own is known', async () => {
    const manual = manualOf('in-use');
    await keep(manual);
    const round = await useIn(manual);
    await expect(keep(manualOf('in-use', 'other'))).rejects.toMatchObject({
      problems: [
        {
          kind: 'manual-in-use',
          message: `rounds rest on in-use@1: ${round}`,
          hint: 'give the changed manual another name',
        },
      ],
    });
    expect(await keep(manual)).toMatchObject({ created: false });
    expect((await findManual(here.db, 'in-use'))?.manual).toEqual(manual);
  });

  test('that a round is being started on while it would be replaced either stays or is not used', async () => {
    const manual = manualOf('raced');
    await keep(manual);
    const { id } = await openRound(here.db);
    const starting = here.db
      .update(rounds)
      .set({ manualRevision: hashManual(manual) })
      .where(eq(rounds.id, id));
    const [started, replaced] = await Promise.allSettled([starting, keep(manualOf('raced', 'other'))]);
    expect([started.status, replaced.status].sort()).toEqual(['fulfilled', 'rejected']);
    const kept = (await findManual(here.db, 'raced'))?.manual;
    expect(kept).toEqual(started.status === 'fulfilled' ? manual : manualOf('raced', 'other'));
  });

  test('that many bring at once is kept once, whatever else comes under its name', async () => {
    const same = await Promise.all(Array.from({ length: 8 }, () => keep(manualOf('crowd'))));
    expect(same.filter(({ created }) => created)).toHaveLength(1);
    const tasks = Array.from({ length: 8 }, (_, i) => `task ${i}`);
    await Promise.all(tasks.map((task) => keep(manualOf('crowd', task))));
    const rows = await here.db.select().from(manualRevisions).where(eq(manualRevisions.name, 'crowd'));
    expect(rows.map(({ revision }) => revision)).toEqual([1]);
  });
});

describe('a capability table', () => {
  test('gets the next number of its manual; the same again keeps its own', async () => {
    const [first, second] = [tableOf('once', 'one'), tableOf('once', 'two')];
    expect(await keepTable(first)).toEqual({ hash: hashTable(first), revision: 1, created: true });
    expect(await keepTable(second)).toMatchObject({ revision: 2, created: true });
    expect(await keepTable(first)).toEqual({ hash: hashTable(first), revision: 1, created: false });
    expect((await newestTable(here.db, 'once'))?.table).toEqual(second);
    const acts = [...(await actsOn('once@1')), ...(await actsOn('once@2'))];
    expect(acts.filter(({ action }) => action === 'capability.import')).toHaveLength(2);
  });

  test('that many bring at once is numbered without a gap', async () => {
    const saved = await Promise.all(Array.from({ length: 8 }, (_, i) => keepTable(tableOf('crowd', `paper ${i}`))));
    expect(saved.map(({ revision }) => revision).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe('what people name', () => {
  test('is found by name, by number, and by the beginning of its hash', async () => {
    const manual = manualOf('found');
    const [one, two] = [tableOf('found', 'one'), tableOf('found', 'two')];
    await keep(manual);
    await keepTable(one);
    await keepTable(two);
    const hash = hashManual(manual);
    const all = await Promise.all(
      ['found', 'found@1', hash, hash.slice(0, 8), hash.slice(0, 8).toUpperCase()].map((ref) =>
        findManual(here.db, ref),
      ),
    );
    for (const each of all) {
      expect(each).toEqual({ hash, revision: 1, manual, importedAt: expect.any(Date), importedBy: 'Rosa' });
    }
    const tables = await Promise.all(
      ['found', 'found@1', hashTable(two).slice(0, 10)].map((ref) => findTable(here.db, ref)),
    );
    expect(tables.map((each) => each?.revision)).toEqual([2, 1, 2]);
    expect(await findTable(here.db, hashTable(two), 'once')).toBeUndefined();
  });

  test.each(['nothing', 'found@2', 'found@0', 'found@99999999999', 'found@', '', 'a\u0000b', 'abcdef0'])(
    '%p is nothing',
    async (ref) => {
      expect([await findManual(here.db, ref), await findTable(here.db, ref, 'none')]).toEqual([undefined, undefined]);
    },
  );

  test('is asked for again where two hashes begin alike', async () => {
    const rows = ['a', 'b'].map((end, i) => ({
      hash: `00000000${end}` as ReturnType<typeof hashManual>,
      name: `twin-${i}`,
      revision: 1,
      form: 'verdict' as const,
      content: manualOf(`twin-${i}`),
      importedBy: rosa,
    }));
    await here.db.insert(manualRevisions).values(rows);
    await expect(findManual(here.db, '00000000')).rejects.toMatchObject({ problems: [{ kind: 'ambiguous-manual' }] });
    expect((await findManual(here.db, '00000000a'))?.manual.name).toBe('twin-0');
  });

  test('is listed with its sizes and the rounds that rest on it', async () => {
    const manuals = await listManuals(here.db);
    expect(manuals.find(({ name }) => name === 'in-use')).toEqual({
      name: 'in-use',
      revision: 1,
      hash: hashManual(manualOf('in-use')),
      title: 'The manual in-use',
      form: 'obvious-misalignment',
      clauses: 1,
      entries: 1,
      examples: 1,
      rounds: 1,
      importedAt: expect.any(Date),
      importedBy: 'Rosa',
    });
    const tables = (await listTables(here.db)).filter(({ manual }) => manual === 'once');
    expect(tables.map(({ revision, cells, rounds: used }) => [revision, cells, used])).toEqual([
      [2, 1, 0],
      [1, 1, 0],
    ]);
  });
});
