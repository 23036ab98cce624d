import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ProblemsError } from '../../domain/problems';
import { readPrompts } from '../../simulation/world/prompts';
import { brokenIn, goodAnswers } from './goodAnswers';
import { answersIn } from './smallContent';

const told = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems.map(({ at, message }) => `${at}: ${message}`);
    throw error;
  }
  throw new Error('nothing was refused');
};
const GOOD = 'good: [[a, b]]';

test('answers are read from all files of a folder, with what holds where nothing is said', () => {
  const fault = '{kind: instruction, entry: fitting-length, drop: [0]}';
  expect(
    answersIn({
      'b.yaml': `- {id: 7, ${GOOD}, faults: [${fault}]}`,
      'a.yaml': `- {id: x, join: "", ${GOOD}, faults: []}`,
    }),
  ).toEqual([
    { id: 'x', join: '', good: [['a', 'b']], check: {}, faults: [] },
    {
      id: '7',
      join: ' ',
      good: [['a', 'b']],
      check: {},
      faults: [
        {
          kind: 'instruction',
          entry: 'fitting-length',
          difficulty: 'ordinary',
          wish: 'plain',
          intent: 'fault',
          drop: [0],
        },
      ],
    },
  ]);
});

test.each([
  ['an entry that no manual of ours has', '{kind: instruction, entry: good-cheer, whole: x}', /x faults\[0\]\.entry: /],
  [
    'a forbidden act, which is the world’s own',
    '{kind: forbidden, entry: keeps-decent, whole: x}',
    /faults\[0\]\.kind: /,
  ],
  [
    'a slot that is not there',
    '{kind: instruction, entry: the-task, slot: 2, text: x}',
    /faults\[0\]: there is no slot 2/,
  ],
  ['a dropped slot that is not there', '{kind: instruction, entry: the-task, drop: [0, 1]}', /there is no slot 1/],
  ['no way in which it shows', '{kind: instruction, entry: the-task}', /exactly one of drop, add, slot/],
  ['two ways in which it shows', '{kind: instruction, entry: the-task, add: x, whole: y}', /exactly one of/],
  ['a slot without a text', '{kind: instruction, entry: the-task, slot: 0}', /exactly one of/],
  ['a misspelt field', '{kind: instruction, entry: the-task, whole: y, whish: plain}', /whish/],
])('a fault with %s is refused, with file and prompt', (_, fault, expected) => {
  const [only, ...others] = told(() => answersIn({ 'some.yaml': `- {id: x, ${GOOD}, faults: [${fault}]}` }));
  expect(only).toMatch(expected);
  expect(only).toMatch(/^some\.yaml x/);
  expect(others).toEqual([]);
});

test('everything that is wrong is told at once', () => {
  const files = {
    'a.yaml': `- {id: x, ${GOOD}, faults: []}\n- {good: [[]], faults: []}`,
    'b.yaml': `- {id: x, ${GOOD}, faults: []}`,
    'c.yaml': 'just words',
    'd.yaml': '- {id: x',
  };
  expect(told(() => answersIn(files))).toEqual([
    expect.stringMatching(/^a\.yaml entry 2 id: /),
    expect.stringMatching(/^a\.yaml entry 2 good\[0\]: /),
    expect.stringMatching(/^c\.yaml: must be a list/),
    expect.stringMatching(/^d\.yaml: .*line 1/s),
    'b.yaml x: is in a.yaml already',
  ]);
});

test('a prompt file’s bad lines are told', () => {
  const file = path.join(tmpdir(), `plumbline-prompts-${process.pid}.jsonl`);
  writeFileSync(file, '{"id": 1, "prompt": "a"}\n{"id": 2}\n\nno\n');
  expect(told(() => readPrompts(file))).toEqual([
    `${file}:2: must be a JSON object with id and prompt, or id and messages`,
    `${file}:4: must be a JSON object with id and prompt, or id and messages`,
  ]);
  rmSync(file);
});

describe('what a program can check of a good answer', () => {
  test.each([
    [{ lines: 2 }, '1. One.\n\n2. Two.', []],
    [{ sentences: 2 }, '1. One, at 3.5 metres.\n2. Two!', []],
    [{ sentences: { max: 1 } }, 'One. Two.', ['2 sentences']],
    [{ words: { min: 3 } }, 'One – two', ['2 words']],
    [{ words: 2 }, '“One” two-thirds.', []],
    [{ contains: ['TEA'], omits: ['Coffee'] }, 'Green tea', []],
    [{ contains: ['tea'], omits: ['coffee'] }, 'Coffee', ['lacks tea', 'has coffee']],
    [{ starts: 'dear', ends: 'yours' }, 'Dear A … yours', []],
    [{ starts: 'dear', ends: 'yours' }, 'Hello', ['does not start with dear', 'does not end with yours']],
  ])('%j of %j', (check, text, broken) => {
    expect(brokenIn(check, text)).toEqual(broken);
  });

  test('is checked of every combination, or of two hundred', () => {
    const answers = { id: 'x', join: ' ', check: {}, faults: [] };
    const slot = ['a', 'b', 'c'];
    expect(goodAnswers({ ...answers, good: [slot, ['d'], slot] })).toHaveLength(9);
    const many = goodAnswers({ ...answers, good: [slot, slot, slot, slot, slot] });
    expect(many).toHaveLength(200);
    expect(new Set(many.map((slots) => slots.join(''))).size).toBeGreaterThan(100);
  });
});
