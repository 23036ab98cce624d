/** Small files of JSON that a start keeps for the next, and for commands beside it. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/** A process as it is kept. A record is a claim: the process may be gone and its number another's. */
export const keptProcess = z.object({ pid: z.int().positive(), started: z.string().min(1) });

/** What the file says; undefined where it is missing, cut short or not ours. */
export function readKept<Shape extends z.ZodType>(file: string, shape: Shape): z.output<Shape> | undefined {
  try {
    return shape.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Whole or not at all, and readable by this user only. @returns the file. */
export function keep(file: string, text: string): string {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, `${text}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return file;
}
