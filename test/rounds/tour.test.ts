/** docs/operating.md, typed line by line: what it says that commands print is what they print. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { eq } from 'drizzle-orm';
import { addPerson } from '../../db/people';
import { people } from '../../db/schema';
import { scheduleId } from '../../workflows/ids';
import { createInstallation, type Installation } from '../setup/installation';
import { Tour } from './tour';
import { questions, TERMS } from './tourFiles';
import { TourModels } from './tourModels';
import { type Line, type Part, quotedInTable, readTour, type Section } from './tourPage';
import { TourPeople } from './tourPeople';
import type { Cue } from './tourScene';
import { SCENES } from './tourScenes';
import { shapeOf } from './tourShapes';

const PAGE = readTour();
const WALKED = PAGE.filter(({ heading }) => /^\d+\. /.test(heading));

let here: Installation;
let tour: Tour;
beforeAll(async () => {
  const models = new TourModels();
  here = await createInstallation({ answer: models.answer });
  tour = new Tour(here, models, new TourPeople(here));
  const { db } = here.database;
  await db.update(people).set({ name: 'olga' }).where(eq(people.name, 'Olga'));
  await addPerson(db, { name: 'Rosa', roles: ['researcher'] });
  await writeFile(path.join(here.dir, 'questions.csv'), questions());
  await writeFile(path.join(here.dir, 'terms.md'), TERMS);
  await here.startSite();
  await tour.type('plumbline init support');
  await tour.type('plumbline manual init support/manual --as Rosa');
}, 120_000);
afterAll(async () => {
  await tour.end();
  const nightly = here.temporal.schedule.getHandle(scheduleId('nightly', here.env));
  await nightly.delete().catch(() => undefined);
  await here.close();
}, 60_000);

let broken: string | undefined;

test.each(WALKED)(
  '$heading',
  async (section) => {
    if (broken) throw new Error(`the tour went no further than: ${broken}`);
    broken = section.heading;
    await walk(section);
    broken = undefined;
  },
  180_000,
);

async function walk(section: Section): Promise<void> {
  tour.section = section;
  const scene = SCENES[section.heading.split('.')[0] ?? ''] ?? {};
  const [shown, files] = [[...(scene.shown ?? [])], [...(scene.files ?? [])]];
  const cues = Object.entries(scene.commands ?? {}).map(([begins, cue]) => ({ begins, cue, used: false }));
  for (const part of section.parts) {
    if (part.kind === 'commands') await runAll(part, cues);
    else if (part.kind === 'file') await next(files, part)(tour, part.lines.map(({ text }) => text).join('\n'));
    else await next(shown, part)(tour, part.lines);
  }
  const unused = cues.filter(({ used }) => !used).map(({ begins }) => begins);
  if (unused.length > 0) throw new Error(`${section.heading}: has no command any more that begins with ${unused}`);
}

function next<T>(left: T[], { lines }: { lines: Line[] }): T {
  const one = left.shift();
  if (!one) throw new Error(`${lines[0]?.at}: the test does not know where this block comes from`);
  return one;
}

type Commands = Extract<Part, { kind: 'commands' }>;
type Cues = { begins: string; cue: Cue; used: boolean }[];

async function runAll({ commands, outputs }: Commands, cues: Cues): Promise<void> {
  const undocumented = commands.length - outputs.length;
  if (undocumented < 0) throw new Error(`${commands[0]?.at}: there are more outputs than commands`);
  for (const [i, { text }] of commands.entries()) {
    const found = cues.find(({ begins }) => text.startsWith(begins));
    if (found) found.used = true;
    await run(text, outputs[i - undocumented], found?.cue ?? {});
  }
}

async function run(command: string, documented: readonly Line[] | undefined, cue: Cue): Promise<void> {
  if (cue.instead) return cue.instead(tour);
  await cue.before?.(tour, command.split(' '));
  const printed = await tour.type(command);
  if (documented) tour.check(documented, printed);
  await cue.after?.(tour, printed);
}

test('Temporal is told what rounds are searched by', async () => {
  const [part] = sectionOf('On several machines').parts;
  if (part?.kind !== 'commands') throw new Error('the section begins with its commands');
  tour.check(part.outputs[0] ?? [], await tour.type('plumbline temporal register'));
});

/** In the table of what may go wrong, and not in this tour. */
const NOT_HERE = new Map([
  ['warn .env: was changed after the workers had started', 'only `plumbline up` knows when they had'],
  ['failed: medium: 6 parked:not-connected', 'the endpoint is always there'],
  ['failing', 'every run could start its round'],
  ["the database's schema is behind this program", 'database and program are of one version'],
  ['FAIL outbox', 'a worker runs whenever something is to be delivered'],
]);

test('what may go wrong went wrong', () => {
  if (broken) throw new Error(`the tour went no further than: ${broken}`);
  const quoted = quotedInTable(sectionOf('What may go wrong'));
  const said = tour.printed.map(({ lines }) => lines.map(shapeOf).join(' '));
  const unsaid = quoted.filter(({ text }) => !said.some((all) => patternOf(text).test(all)));
  const unknown = unsaid.filter(({ text }) => !NOT_HERE.has(text));
  expect(unknown.map(({ text, at }) => `${at}: no command printed: ${text}`)).toEqual([]);
  expect(unsaid.map(({ text }) => text).sort()).toEqual([...NOT_HERE.keys()].sort());
  expect(quoted.length).toBeGreaterThan(2 * NOT_HERE.size);
});

function sectionOf(heading: string): Section {
  const found = PAGE.find((one) => one.heading === heading);
  if (!found) throw new Error(`docs/operating.md has no section ${heading}`);
  return found;
}

/** Where the document leaves words out, any may stand. */
function patternOf(quoted: string): RegExp {
  const parts = quoted.split('…').map((part) => shapeOf(part).replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(parts.join('.*'));
}
