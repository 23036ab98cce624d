/** What is wrong with the rows of prompt files: the first of them listed, all counted. */
import type { Problem } from '../../domain/problems';
import { LineFault } from './lineFault';
import type { PromptFile } from './promptFile';

const LISTED = 20;

export interface Counted {
  /** The first twenty. */
  listed: Problem[];
  total: number;
}

export class Faults {
  /** Everything. */
  readonly all: Counted = { listed: [], total: 0 };
  /** What is more than a bad row: leaving it out is no remedy. */
  readonly grave: Counted = { listed: [], total: 0 };

  row(file: PromptFile, line: number, fault: LineFault, grave = false): void {
    const at = `${file.shown}:${line} ${fault.field}`.trim();
    this.add({ message: fault.message, ...(fault.hint && { hint: fault.hint }), at }, grave);
  }

  file(file: PromptFile, message: string, hint?: string): void {
    this.add({ message, ...(hint && { hint }), at: file.shown }, true);
  }

  /** Notes a row's fault; undefined then. */
  catching<T>(file: PromptFile, line: number, read: () => T, grave = false): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof LineFault)) throw error;
      this.row(file, line, error, grave);
      return undefined;
    }
  }

  private add(fault: Omit<Problem, 'kind'>, grave: boolean): void {
    for (const counted of grave ? [this.all, this.grave] : [this.all]) {
      counted.total += 1;
      if (counted.listed.length < LISTED) counted.listed.push({ kind: 'prompts', ...fault });
    }
  }
}
