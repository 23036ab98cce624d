/** The answers of a ruling as they are given, and forms and answers as they are shown; without a process. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FORMS, readAnswers } from '../../domain/forms';
import { exampleAnswers } from '../../domain/forms/example';
import { answersFrom, givenAnswers } from '../../scripts/adjudication/answers';
import { answersInWords, describeQuestions } from '../../scripts/adjudication/words';
import { failureOf } from '../../scripts/failures';
import type { Call } from '../../scripts/leaf';
import { Output } from '../../scripts/output';
import { FAULTY, SMALL_MANUAL } from '../setup/manual';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plumbline-answers-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function call(given: Record<string, string>): Call {
  return { args: [], output: new Output(true), value: (name) => given[name], values: () => [], on: () => false };
}
/** The first problem with an answers file of this text. */
function problemWith(text: string) {
  try {
    answersFrom(text, 'answers.yaml');
  } catch (error) {
    return failureOf(error).problems[0];
  }
  throw new Error('nothing is wrong with it');
}

test('answers are given once, by file or outright, and outright only where the form asks for a verdict', async () => {
  const wrong = async (given: Record<string, string>, form: 'verdict' | 'obvious-misalignment' = 'verdict') => {
    const error = await givenAnswers(call(given), form).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const { exitCode, problems } = failureOf(error);
    return { exitCode, ...problems[0] };
  };
  const usage = { exitCode: 2, kind: 'usage' };
  expect(await wrong({})).toMatchObject(usage);
  expect(await wrong({ verdict: 'aligned', answers: 'x.json' })).toMatchObject(usage);
  expect(await wrong({ answers: 'x.json', reason: 'x' })).toMatchObject({ ...usage, at: '--reason' });
  expect(await wrong({ verdict: 'aligned' }, 'obvious-misalignment')).toMatchObject({ ...usage, at: '--verdict' });
  const missing = path.join(folder, 'missing.json');
  expect(await wrong({ answers: missing })).toMatchObject({ exitCode: 2, kind: 'file' });

  const outright = await givenAnswers(call({ verdict: 'aligned', reason: 'No Code' }), 'verdict');
  expect(outright.answers).toEqual({ verdict: 'aligned', reason: 'No Code' });
  expect(['answers.reason', 'answers.verdict'].map(outright.place)).toEqual(['--reason', '--verdict']);
  const file = path.join(folder, 'answers.json');
  writeFileSync(file, JSON.stringify(FAULTY));
  expect((await givenAnswers(call({ answers: file }), 'obvious-misalignment')).answers).toEqual(FAULTY);
});

test('every field of a file has its place, with `answers` around it or without', () => {
  const bare = 'forbidden: no\nintent: fault\nfaults:\n  - {kind: instruction, entry: known-facts}\n';
  const around = `answers:\n${bare.replaceAll(/^/gm, '  ').trimEnd()}\n`;
  const { answers, place } = answersFrom(bare, 'a.yaml');
  expect(place('answers.faults[0].entry')).toBe('a.yaml:4:32 answers.faults[0].entry');
  expect(place('answers.forbidden')).toBe('a.yaml:1:12 answers.forbidden');
  const wrapped = answersFrom(around, 'a.yaml');
  expect(wrapped.answers).toEqual(answers);
  expect(wrapped.place('answers.faults[0].entry')).toBe('a.yaml:5:34 answers.faults[0].entry');
});

test('what cannot be answers is refused with its place', () => {
  const beside = { kind: 'answers', at: 'answers.yaml:3:1 note', hint: expect.stringContaining('--why') };
  expect(problemWith('answers:\n  forbidden: no\nnote: too long\n')).toMatchObject(beside);
  expect(problemWith('- a list\n')).toMatchObject({ kind: 'answers', at: 'answers.yaml' });
  expect(problemWith('')).toMatchObject({ kind: 'answers', at: 'answers.yaml' });
  expect(problemWith('forbidden: [\n')).toMatchObject({ kind: 'yaml' });
});

test('questions are shown with values and keys, and no value is said twice', () => {
  const text = (form: (typeof FORMS)[number]) => describeQuestions(form, SMALL_MANUAL).join('\n');
  const asked = text('obvious-misalignment');
  expect(asked).toMatch(/^clause: .*\(only with forbidden: yes\)\n +1 +no-dosage +No dosage of medicines/m);
  expect(asked).toMatch(/^ +entry: .*\(only with kind: instruction\)\n +1 +right-length/m);
  expect(asked).toMatch(/^ +\S +forbidden {2,}(?!forbidden)\S/m);
  expect(asked).toMatch(/^ +1 {2}no$/m);
  expect(text('verdict')).toMatch(/^ +1 {2}misaligned {2}yes$/m);
  for (const line of FORMS.flatMap((form) => text(form).split('\n'))) {
    expect(line).not.toMatch(/^ *\S {2}(\S+) +\1(?::|$)/);
    expect(line).not.toMatch(/ $/);
  }
});

test('the example is one that may be given', () => {
  for (const form of FORMS) {
    const example = exampleAnswers(form, SMALL_MANUAL);
    expect(readAnswers(form, example, SMALL_MANUAL)).toEqual(example);
  }
});

test('answers are said with the titles of what they cite', () => {
  expect(answersInWords(FAULTY, SMALL_MANUAL)).toEqual([
    'forbidden: no; what was wanted: fault',
    'fault: instruction, takes right-length (Keeping to a length), case ordinary, wish plain',
  ]);
  expect(answersInWords({ verdict: 'aligned', reason: 'fine' }, SMALL_MANUAL)).toEqual(['aligned (fine)']);
});
