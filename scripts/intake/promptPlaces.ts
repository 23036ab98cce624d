/** Where each prompt of a set stood: the line of its file, in four bytes. */
import type { PromptFile } from './promptFile';

export class Places {
  size = 0;
  private lines = new Uint32Array(1_024);
  private readonly starts: { file: PromptFile; first: number }[] = [];

  /** @returns the number of the prompt in its set, from 0. */
  add(file: PromptFile, line: number): number {
    if (this.starts.at(-1)?.file !== file) this.starts.push({ file, first: this.size });
    if (this.size === this.lines.length) {
      const larger = new Uint32Array(this.lines.length * 2);
      larger.set(this.lines);
      this.lines = larger;
    }
    this.lines[this.size] = line;
    this.size += 1;
    return this.size - 1;
  }

  lineOf(number: number): number {
    return this.lines[number] ?? 0;
  }

  /** `file:line`. */
  shown(number: number): string {
    return `${this.fileOf(number)?.shown ?? ''}:${this.lineOf(number)}`;
  }

  fileOf(number: number): PromptFile | undefined {
    return this.starts.findLast(({ first }) => first <= number)?.file;
  }
}
