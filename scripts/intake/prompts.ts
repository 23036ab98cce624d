/** Prompt files, a prompt to a line or row. Checked whole before anything is stored, and never held whole. */
import { createHash, type Hash } from 'node:crypto';
import path from 'node:path';
import { type Problem, ProblemsError, refuseIfAny } from '../../domain/problems';
import type { NewPrompt, PromptSource } from '../../domain/prompts';
import { canonicalJson } from '../../domain/text';
import { turnsOf } from '../../domain/turns';
import { fileProblem, shownPath, sizeOfFile } from './files';
import { LineFault } from './lineFault';
import { entriesOf } from './promptEntries';

const LISTED_PROBLEMS = 20;

/**
 * Reads the file through once, checking and hashing; its prompts are read again as they are needed.
 * @throws ProblemsError with the first twenty bad lines and the number of all.
 */
export async function readPrompts(file: string): Promise<PromptSource> {
  sizeOfFile(file);
  const faults = new Faults(file);
  const requirements = new RequirementCounts();
  const hash = new SetHash();
  let mostTurns = 1;
  for await (const prompt of readable(file, faults)) {
    hash.add(prompt);
    requirements.add(prompt.requirements);
    mostTurns = Math.max(mostTurns, turnsOf(prompt.messages));
  }
  if (hash.size === 0 && faults.total === 0) faults.add(undefined, 'has no prompts');
  refuseIfAny(faults.listed, faults.total);
  const source = { name: path.basename(file), hash: hash.digest(), size: hash.size, mostTurns };
  return { ...source, requirements: requirements.list(), prompts: () => readAgain(file, source.hash) };
}

async function* readAgain(file: string, expected: string): AsyncGenerator<NewPrompt> {
  const hash = new SetHash();
  const faults = new Faults(file);
  for await (const prompt of readable(file, faults)) {
    hash.add(prompt);
    yield prompt;
  }
  if (faults.total === 0 && hash.digest() === expected) return;
  const hint = 'start the round again once the file is finished';
  throw ProblemsError.of({ kind: 'prompts', message: 'was changed while it was read', hint, at: shownPath(file) });
}

async function* readable(file: string, faults: Faults): AsyncGenerator<NewPrompt> {
  const seen = new Map<string, number>();
  let blank: number | undefined;
  let position = 0;
  try {
    for await (const { line, read } of entriesOf(file)) {
      if (!read) {
        blank ??= line;
        continue;
      }
      if (blank !== undefined) faults.add(blank, 'is empty, with prompts after it');
      blank = undefined;
      const prompt = faults.catching(line, () => {
        const found = read();
        const before = seen.get(found.externalId);
        if (before !== undefined) throw new LineFault('id', `is the same as in line ${before}`);
        seen.set(found.externalId, line);
        return { ...found, position };
      });
      if (!prompt) continue;
      position += 1;
      yield prompt;
    }
  } catch (error) {
    const problem = fileProblem(error, file);
    throw problem ? ProblemsError.of(problem) : error;
  }
}

class Faults {
  readonly listed: Problem[] = [];
  total = 0;

  constructor(private readonly file: string) {}

  add(line: number | undefined, message: string, field = '', hint?: string): void {
    this.total += 1;
    if (this.listed.length >= LISTED_PROBLEMS) return;
    const file = shownPath(this.file);
    const place = line === undefined ? file : `${file}:${line} ${field}`.trim();
    this.listed.push({ kind: 'prompts', message, ...(hint && { hint }), at: place });
  }

  /** Notes a line's fault; undefined then. */
  catching<T>(line: number, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof LineFault)) throw error;
      this.add(line, error.message, error.field, error.hint);
      return undefined;
    }
  }
}

/** sha256 over the canonical JSON list of all prompts, without the whole list at hand. */
class SetHash {
  private readonly hash: Hash = createHash('sha256').update('[');
  size = 0;

  add({ externalId, messages, requirements, metadata }: NewPrompt): void {
    const prompt = canonicalJson({ id: externalId, messages, requirements, metadata });
    this.hash.update(this.size === 0 ? '' : ',').update(prompt);
    this.size += 1;
  }

  digest(): string {
    return this.hash.update(']').digest('hex');
  }
}

class RequirementCounts {
  private readonly counts = new Map<string, { requirements: readonly string[]; prompts: number }>();

  add(requirements: readonly string[]): void {
    if (requirements.length === 0) return;
    const count = this.counts.get(requirements.join('\n')) ?? { requirements, prompts: 0 };
    count.prompts += 1;
    this.counts.set(requirements.join('\n'), count);
  }

  list() {
    return [...this.counts.values()];
  }
}
