/** Standard input as a file: a set is read more than once. It is nobody else's to read, and removed afterwards. */
import { createWriteStream, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CommandError, EXIT } from '../failures';
import type { PromptInput } from '../intake/promptFile';

const STANDARD_INPUT = '-';
const SHOWN = 'standard-input';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Does the work with the named files; `-` is standard input. */
export async function withInputs<T>(
  names: readonly string[],
  work: (inputs: PromptInput[]) => Promise<T>,
  from: Readable = process.stdin,
): Promise<T> {
  if (!names.includes(STANDARD_INPUT)) return work(names.map((file) => ({ path: file })));
  if (names.filter((name) => name === STANDARD_INPUT).length > 1) {
    const message = 'names standard input more than once';
    throw new CommandError(
      { kind: 'usage', message, hint: 'it can be read once', at: STANDARD_INPUT },
      EXIT.wrongUsage,
    );
  }
  const dir = await mkdtemp(path.join(tmpdir(), 'plumbline-input-'));
  const remove = () => rmSync(dir, { recursive: true, force: true });
  const leave = () => process.exit(EXIT.interrupted);
  process.on('exit', remove);
  for (const signal of SIGNALS) process.on(signal, leave);
  try {
    const file = path.join(dir, SHOWN);
    await pipeline(from, createWriteStream(file, { mode: 0o600 }));
    return await work(names.map((name) => (name === STANDARD_INPUT ? { path: file, shown: SHOWN } : { path: name })));
  } finally {
    remove();
    process.off('exit', remove);
    for (const signal of SIGNALS) process.off(signal, leave);
  }
}
