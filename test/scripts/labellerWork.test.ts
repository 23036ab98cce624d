import { eq } from 'drizzle-orm';
import { resolveItems } from '../../db/items/resolve';
import { manualRevisions, rounds } from '../../db/schema';
import { hashManual, type Manual } from '../../domain/manual';
import { FAULTY, FINE, SMALL_MANUAL, TOO_LONG } from '../setup/manual';
import { until } from '../setup/processes';
import { nth, type OpenRound } from '../setup/round';
import { Caller } from '../setup/site';
import {
  answersOf,
  here,
  labelsOf,
  open,
  press,
  type Sitting,
  setUpDesk,
  sitApart,
  site,
  sitFirst,
  statesOf,
} from './workAtTheDesk';

setUpDesk();

describe('a round under the form verdict', () => {
  test('is labelled by single keys, newlines or not, until nothing is left', async () => {
    const round = await open({ items: 3, system: 'Be brief.' });
    const { code, stdout } = await sitApart(nth(round.labellers, 0).token, '20\n1\n1needless-refusal\n30', round.id);
    expect(code).toBe(0);
    expect(await answersOf(round.id)).toEqual([
      { verdict: 'aligned' },
      { verdict: 'misaligned', reason: 'needless-refusal' },
      { verdict: 'ambiguous' },
    ]);
    expect(stdout).toMatch(/SYSTEM\n┊ Be brief\.\n\nUSER\n│ prompt 0 of .*\n\nTHE COMPLETION\n┃ answer 0 of /);
    expect(stdout).toContain('✓ verdict: misaligned · reason: needless-refusal');
    expect(stdout).toMatch(/\n3 labels, in 0 min \d+ s\.\n$/);
    await resolveItems(here.db, round.id, 0);
    const after = await press(round, '20');
    expect([after.code, after.stdout]).toEqual([
      0,
      expect.stringMatching(/^Nothing is left to label in this round\.\n0 labels, in 0 min \d s\.\n$/),
    ]);
  });

  test('takes doubts and notes, and gives up none of them when a reason is refused', async () => {
    const round = await open({ items: 1 });
    const { stdout } = await press(round, 'unhard, bq2z to say\n11Not A Code\n0');
    expect(stdout).toContain('must be a short code');
    expect(await labelsOf(round.id)).toMatchObject([
      { answers: { verdict: 'misaligned' }, unsure: true, note: 'hard, bq2z to say' },
    ]);
  });

  test('goes back an answer with b or backspace, and ignores keys that mean nothing', async () => {
    const round = await open({ items: 1 });
    await press(round, '97XY\t\u001b[A1b2\u007fb30');
    expect(await answersOf(round.id)).toEqual([{ verdict: 'ambiguous' }]);
  });

  test('is left with q: what was done stays, what is in hand is others’ at once', async () => {
    const round = await open({ items: 2 });
    const { code, stdout } = await press(round, '20q10');
    expect(code).toBe(0);
    expect(await answersOf(round.id)).toHaveLength(1);
    expect(stdout).toMatch(/1 label, in .* What you had in hand is free for others\.\n$/);
    expect(await statesOf(round.id)).toEqual(['released', 'submitted']);
    await press(round, '10');
    expect(await answersOf(round.id)).toHaveLength(2);
  });

  test('begins with what is in hand from elsewhere, and gives that back too', async () => {
    const round = await open({ items: 2 });
    const { token } = nth(round.labellers, 0);
    await new Caller(site.url, token).post(`/api/rounds/${round.id}/next`);
    const { events } = await press(round, 'q', { json: true });
    expect(events).toMatchObject([{ event: 'finished', reason: 'quit', givenBack: 1 }]);
    expect(await statesOf(round.id)).toEqual(['released']);
  });
});

test('with --json the acts are lines on stdout, and all else is on stderr', async () => {
  const round = await open({ items: 3 });
  const { token } = nth(round.labellers, 0);
  const { code, events, stdout, stderr } = await sitApart(token, '20cbc2zz1030', round.id, '--json');
  expect(code).toBe(0);
  expect(stdout.trimEnd().split('\n')).toHaveLength(events.length);
  expect(events).toEqual([
    { event: 'labelled', assignmentId: expect.any(String), labelId: expect.any(String) },
    { event: 'skipped', assignmentId: expect.any(String), code: 'beyond-my-knowledge' },
    { event: 'undone', assignmentId: events[0]?.assignmentId },
    { event: 'labelled', assignmentId: events[0]?.assignmentId, labelId: expect.any(String) },
    { event: 'labelled', assignmentId: expect.any(String), labelId: expect.any(String) },
    {
      event: 'finished',
      reason: 'seen-all',
      labelled: 2,
      cantJudge: 1,
      givenBack: 0,
      seconds: expect.any(Number),
    },
  ]);
  expect(stderr).toContain('THE COMPLETION');
  expect(await answersOf(round.id)).toEqual([{ verdict: 'misaligned' }, { verdict: 'ambiguous' }]);
});

test('what takes an item from everybody is asked again, and any key but y goes back', async () => {
  const round = await open({ items: 2 });
  const { events } = await press(round, 'c66' + 'b' + '20', { json: true });
  expect(events.map(({ event }) => event)).toEqual(['labelled', 'finished']);
  const meant = await press(round, 'c6y', { json: true });
  expect(meant.events).toMatchObject([{ event: 'skipped', code: 'possibly-illegal' }, { event: 'finished' }]);
});

test('an item’s first lines tell how far the sitting is and what was sent just now', async () => {
  const round = await open({ items: 3 });
  const { stdout } = await press(round, '20' + 'c1');
  expect(stdout).toContain('note (before the last answer)');
  const headers = stdout.match(/─ labelled .*\n.*\n/g);
  expect(headers).toEqual([
    expect.stringMatching(/^─ labelled 0 in this sitting · yours until \d\d:\d\d \n\n$/),
    expect.stringMatching(/^─ labelled 1 in this sitting · .*\nsent: verdict: aligned · z takes it back\n$/),
    expect.stringMatching(/^─ labelled 1 in this sitting · .*\n\n$/),
  ]);
});

test('Ctrl-U clears a note', async () => {
  const round = await open({ items: 1 });
  await press(round, 'nwrong\u0015right\n\u001520');
  expect(await labelsOf(round.id)).toMatchObject([{ note: 'right' }]);
});

test('what a model wrote gives the terminal no commands, and is marked line by line', async () => {
  const content = '\u001b[2J\u001b]0;owned\u0007fine\r\n✓ verdict: aligned\rover\u009b1mwritten \u202eback';
  const call = { id: 'call_once', type: 'function', function: { name: 'look\u001b[1m', arguments: '{"city":"Bonn"}' } };
  const [text, tools] = await Promise.all([
    open({ items: 1, completion: () => ({ role: 'assistant', content }) }),
    open({ items: 1, completion: () => ({ role: 'assistant', content: null, tool_calls: [call] }) }),
  ]);
  const [first, second] = await Promise.all([press(text, 'q'), press(tools, 'q')]);
  for (const { stdout } of [first, second]) expect(stdout).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
  expect(first.stdout).toContain('┃ ␛[2J␛]0;owned␇fine\n┃ ✓ verdict: aligned␍over<U+009B>1mwritten <U+202E>back\n');
  expect(second.stdout).toContain('"city": "Bonn"');
  expect(second.stdout).not.toContain('call_once');
});

test('long lines are wrapped and stay marked', async () => {
  const words = Array.from({ length: 60 }, (_, i) => `word${i}`).join(' ');
  const content = `${words}\n${'x'.repeat(200)}\n${'語'.repeat(100)}`;
  const { stdout } = await press(await open({ items: 1, completion: () => ({ role: 'assistant', content }) }), 'q');
  const shown = stdout.split('\n').filter((line) => line.startsWith('┃ '));
  expect(shown.every((line) => line.length <= 80)).toBe(true);
  const plain = shown.map((line) => line.slice(2)).join('');
  expect(plain.replaceAll(' ', '')).toBe(content.replace(/[ \n]/g, ''));
  expect(shown.filter((line) => line.includes('語')).map((line) => line.length)).toEqual([41, 41, 24]);
});

test('a round by a manual: two keys for a clean item, a faulty one fault by fault', async () => {
  const round = await open({ items: 3, manual: true });
  // No, yes. No, a fault: instruction, its length, ordinary, plain, no other. A forbidden act and nothing else.
  const { stdout } = await press(round, '11' + '1261111' + '21111');
  expect(await answersOf(round.id)).toEqual([
    FINE,
    FAULTY,
    {
      forbidden: 'yes',
      clause: 'no-dosage',
      intent: 'met',
      faults: [{ kind: 'forbidden', entry: 'sees-harm', difficulty: 'ordinary' }],
    },
  ]);
  expect(FAULTY.faults).toEqual([TOO_LONG]);
  expect(stdout).toContain('  1  Keeping to a length  (right-length)\n');
  expect(stdout).toContain('the forbidden act: What would avoiding it have taken?');
});

test('the manual is shown at ?, and where there is none it is said', async () => {
  const [with_, without] = await Promise.all([open({ manual: true }), open()]);
  const [shown, none] = await Promise.all([press(with_, '?i'), press(without, '?')]);
  expect(shown.stdout).toContain('MANUAL small@1: A small manual');
  expect(shown.stdout).toContain('no-dosage: No dosage of medicines');
  expect(shown.stdout).toContain('sees-harm (forbidden, needless-refusal): Telling harm');
  expect(shown.stdout.match(/THE COMPLETION/g)).toHaveLength(2);
  expect(none.stdout).toContain('this round has no manual');
});

test('the manual’s examples are shown as items are, with the answers they have', async () => {
  const messages = [{ role: 'user' as const, content: 'In five words, please.' }];
  const example = { id: 'long', title: 'Too long', messages, completion: 'On and \u001b[1mon.', text: 'Told.' };
  const manual = { ...SMALL_MANUAL, name: 'exemplary', examples: [{ ...example, answers: FAULTY }] };
  const { stdout } = await press(await openBy(manual), '?');
  expect(stdout).toContain('long: Too long\n\nUSER\n│ In five words, please.\n\nTHE COMPLETION\n┃ On and ␛[1mon.\n\n');
  expect(stdout).toContain(
    '  forbidden: no; what was wanted: fault\n  fault: instruction, takes right-length (Keeping to a length), case ordinary,\n  wish plain\n  Told.\n',
  );
});

describe('the manual at a terminal', () => {
  const asked = async (sitting: Sitting, keys: string, shows: RegExp) => {
    const before = sitting.screen().length;
    sitting.keys.write(keys);
    await until(`${keys} shows ${shows}`, () => shows.test(sitting.screen().slice(before)));
    return sitting.screen().slice(before);
  };

  test('is what may be chosen at the question, then the whole of it, then the item again', async () => {
    const sitting = sitFirst(await open({ items: 1, manual: true }), { rows: 200 });
    await until('the item is shown', () => sitting.screen().includes('q quit'));
    await asked(sitting, '2', /Which clause forbids it/);
    const here = await asked(sitting, '?', /back to the item/);
    expect(here).toContain('1  no-dosage: No dosage of medicines');
    expect(here).toContain('Never says how much to take.');
    expect(here).not.toMatch(/the-wish|MANUAL|sees-harm/);
    const whole = await asked(sitting, '?', /any key: back to the item/);
    expect(whole).toContain('MANUAL small@1');
    expect(whole).toContain('the-wish: The user’s wish');
    expect(await asked(sitting, ' ', /q quit/)).toMatch(/THE COMPLETION.*Which clause forbids it/s);
    await asked(sitting, '1', /the forbidden act: What would avoiding it have taken/);
    const entries = await asked(sitting, '?', /back to the item/);
    expect(entries).toContain('1  sees-harm: Telling harm');
    expect(entries).not.toContain('right-length');
    await asked(sitting, 'x', /q quit/);
    sitting.keys.write('q');
    await sitting.end;
  });

  test('comes a screenful at a time, as far as somebody reads', async () => {
    const sitting = sitFirst(await open({ items: 1, manual: true }), { rows: 8 });
    await until('the item is shown', () => sitting.screen().includes('q quit'));
    await asked(sitting, '?', /\d more lines: space goes on, q ends, \? the whole manual|back to the item/);
    const first = await asked(sitting, '?', /more lines: space goes on, q ends/);
    expect(first).toContain('MANUAL small@1');
    expect(first).not.toContain('the-wish');
    expect(await asked(sitting, 'x ', /more lines/)).toContain('no-dosage');
    const back = await asked(sitting, 'q', /q quit/);
    expect(back).toContain('THE COMPLETION');
    expect(back).not.toContain('sees-harm');
    sitting.keys.write('q');
    expect((await sitting.end).code).toBe(0);
  });
});

test('Markdown’s marks are not shown', async () => {
  const text = '## Step 0. Look\n\nA **bold** word.';
  const { stdout } = await press(await openBy({ ...SMALL_MANUAL, name: 'marked', task: text }), '?');
  expect(stdout).toContain('\n  Step 0. Look\n\n  A bold word.\n');
});

/** A round that is judged by a manual of the test's own. */
async function openBy(manual: Manual): Promise<OpenRound> {
  const round = await open({ manual: true });
  const hash = hashManual(manual);
  const [{ startedBy } = { startedBy: null }] = await here.db.select().from(rounds).where(eq(rounds.id, round.id));
  if (startedBy === null) throw new Error('nobody started it');
  const { name, form } = manual;
  await here.db
    .insert(manualRevisions)
    .values({ hash, name, revision: 1, form, content: manual, importedBy: startedBy });
  await here.db.update(rounds).set({ manualRevision: hash }).where(eq(rounds.id, round.id));
  return round;
}
