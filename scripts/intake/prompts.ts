/** Prompt files, a prompt to a line or row. Checked whole before anything is stored, and never held whole. */
import path from 'node:path';
import { ProblemsError, refuseIfAny } from '../../domain/problems';
import type { NewPrompt, PromptSource } from '../../domain/prompts';
import { fileProblem } from './files';
import { SetCounts } from './promptCounts';
import type { Counted } from './promptFaults';
import { type PromptFile, type PromptInput, promptFiles, unpackedName } from './promptFile';
import { Pass } from './promptPass';
import type { PromptReading } from './spec';

export interface ReadOptions {
  /** The set's; left out: the first file's. */
  name?: string | undefined;
  /** Called for each prompt that is kept, with where it stood. */
  each?: (prompt: NewPrompt, file: PromptFile, line: number) => void;
  /** @throws LineFault for a prompt that may not be in this set, bad rows or not. */
  check?: (prompt: NewPrompt) => void;
}

/** A set from files, with what was found while it was read. */
export interface ReadPrompts extends PromptSource {
  /** Rows that were left out: none where they refuse the set. */
  badRows: Counted;
  /** The id of the first prompt without a completion. */
  firstWithout: string | null;
}

/**
 * Reads the files through once, checking and hashing; their prompts are read again as they are needed.
 * @throws ProblemsError with the first twenty bad rows and the number of all.
 */
export async function readPrompts(
  from: string | readonly (string | PromptInput)[],
  { fields = {}, delimiter, badRows = 'refuse' }: Partial<PromptReading> = {},
  { name, each, check }: ReadOptions = {},
): Promise<ReadPrompts> {
  const inputs = (typeof from === 'string' ? [from] : from).map((one) =>
    typeof one === 'string' ? { path: one } : one,
  );
  const files = await promptFiles(inputs, delimiter === undefined ? {} : { delimiter });
  const pass = () => new Pass(files, { fields, delimiter, check });
  const first = pass();
  const counts = new SetCounts();
  for await (const { prompt, file, line } of passing(first)) {
    counts.add(prompt);
    each?.(prompt, file, line);
  }
  const { missing, faults } = first;
  refuseIfAny(missing);
  const refusing = badRows === 'refuse' || counts.size === 0 ? faults.all : faults.grave;
  refuseIfAny(refusing.listed, refusing.total);
  const hash = counts.digest();
  return {
    name: name ?? nameOf(inputs),
    hash,
    ...counts.told(),
    badRows: faults.all,
    firstWithout: counts.firstWithout,
    prompts: () => readAgain(pass(), { hash, badRows: faults.all.total }, files[0]?.shown ?? ''),
  };
}

function nameOf(inputs: readonly PromptInput[]): string {
  const [first, ...others] = inputs.map((input) => path.basename(unpackedName(input.shown ?? input.path)));
  return `${first ?? ''}${others.length > 0 ? ` and ${others.length} more` : ''}`;
}

async function* readAgain(
  pass: Pass,
  expected: { hash: string; badRows: number },
  shown: string,
): AsyncGenerator<NewPrompt> {
  const counts = new SetCounts();
  for await (const { prompt } of passing(pass)) {
    counts.add(prompt);
    yield prompt;
  }
  if (pass.faults.all.total === expected.badRows && counts.digest() === expected.hash) return;
  const hint = 'start again once the file is finished';
  throw ProblemsError.of({ kind: 'prompts', message: 'was changed while it was read', hint, at: shown });
}

/** What the file system refuses is said of the file. */
async function* passing(pass: Pass): ReturnType<Pass['prompts']> {
  try {
    yield* pass.prompts();
  } catch (error) {
    const problem = fileProblem(error, pass.at?.path ?? '');
    throw problem ? ProblemsError.of(problem) : error;
  }
}
