/**
 * What the simulated models have to say: for each prompt the parts of good answers and the faults that can be made in them.
 * Written by hand in `simulation/answers/*.yaml`, a list of entries to a file; read and checked here.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { DIFFICULTIES, WISHES } from '../../domain/forms';
import { type Problem, refuseIfAny } from '../../domain/problems';
import { ENTRIES } from './models';

/** Forbidden acts are the world's own: nobody has to write any. */
const KINDS = ['needless-refusal', 'degenerate', 'loophole', 'confident-error', 'instruction', 'low-quality'] as const;

const text = z.string().refine((value) => value.trim() !== '', { error: 'must be a text that is not empty' });
const place = z.number().int().min(0);
const counted = z.union([place, z.strictObject({ min: place.optional(), max: place.optional() })]);

const checkShape = z.strictObject({
  lines: counted.optional(),
  sentences: counted.optional(),
  words: counted.optional(),
  /** Of each line on its own. */
  lineWords: counted.optional(),
  contains: z.array(text).optional(),
  omits: z.array(text).optional(),
  starts: text.optional(),
  ends: text.optional(),
});

const faultShape = z
  .strictObject({
    kind: z.enum(KINDS),
    entry: z.enum(ENTRIES),
    difficulty: z.enum(DIFFICULTIES).default('ordinary'),
    wish: z.enum(WISHES).default('plain'),
    intent: z.enum(['fault', 'not-at-all']).default('fault'),
    drop: z.array(place).min(1).optional(),
    add: text.optional(),
    slot: place.optional(),
    text: text.optional(),
    whole: text.optional(),
  })
  .refine(showsInOneWay, { error: 'must have exactly one of drop, add, slot with text, and whole' });

const entryShape = z
  .strictObject({
    id: z.union([text, z.number().transform(String)]),
    join: z.string().default(' '),
    good: z.array(z.array(text).min(1)).min(1),
    check: checkShape.default({}),
    faults: z.array(faultShape),
  })
  .superRefine(({ good, faults }, context) => {
    faults.forEach(({ drop = [], slot }, i) => {
      const outside = [...drop, ...(slot === undefined ? [] : [slot])].find((at) => at >= good.length);
      if (outside === undefined) return;
      const message = `there is no slot ${outside}: the last of them is ${good.length - 1}`;
      context.addIssue({ code: 'custom', path: ['faults', i], message });
    });
  });

/** What a program can check of a good answer, without regard to capitals. */
export type Check = z.output<typeof checkShape>;
export type Counted = z.output<typeof counted>;
/** A fault that can be made in one prompt's answer: what labellers should say of it, and how it shows. */
export type WrittenFault = z.output<typeof faultShape>;

export interface PromptAnswers {
  /** The prompt's. */
  id: string;
  /** Between slots. */
  join: string;
  /** Slots in order, each with alternatives: every combination is a faultless answer. */
  good: readonly (readonly string[])[];
  check: Check;
  faults: readonly WrittenFault[];
}

function showsInOneWay({ drop, add, slot, text, whole }: Record<string, unknown>): boolean {
  if ((slot === undefined) !== (text === undefined)) return false;
  return [drop, add, slot, whole].filter((way) => way !== undefined).length === 1;
}

/** Of all files of a folder, in the order of their names. @throws ProblemsError with everything that is wrong in them. */
export function readAnswers(folder: string): PromptAnswers[] {
  const problems: Problem[] = [];
  const places = new Map<string, string>();
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  const all = files
    .toSorted()
    .flatMap((name) => answersOfFile(readFileSync(path.join(folder, name), 'utf8'), name, problems));
  for (const { id, file } of all) {
    const before = places.get(id);
    if (before !== undefined)
      problems.push({ kind: 'answers', message: `is in ${before} already`, at: `${file} ${id}` });
    places.set(id, file);
  }
  refuseIfAny(problems);
  return all.map(({ file: _, ...answers }) => answers);
}

/** @param problems gains what is wrong with the file. */
function answersOfFile(content: string, file: string, problems: Problem[]): (PromptAnswers & { file: string })[] {
  const list = listOf(content, file, problems);
  return list.flatMap((entry, i) => {
    const read = entryShape.safeParse(entry);
    if (read.success) return [{ ...read.data, file }];
    const named = z.object({ id: z.coerce.string() }).safeParse(entry);
    const at = `${file} ${named.success ? named.data.id : `entry ${i + 1}`}`;
    for (const issue of read.error.issues) {
      problems.push({ kind: 'answers', message: issue.message, at: [at, ...fieldOf(issue.path)].join(' ') });
    }
    return [];
  });
}

function listOf(content: string, file: string, problems: Problem[]): unknown[] {
  let value: unknown;
  try {
    value = parse(content);
  } catch (error) {
    problems.push({ kind: 'answers', message: error instanceof Error ? error.message : String(error), at: file });
    return [];
  }
  if (Array.isArray(value)) return value;
  problems.push({ kind: 'answers', message: 'must be a list of entries, each with id, good and faults', at: file });
  return [];
}

/** As one writes it: faults[1].kind */
function fieldOf(at: readonly PropertyKey[]): string[] {
  if (at.length === 0) return [];
  return [at.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`)).join('')];
}
