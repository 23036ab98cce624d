/** What the process of the simulated people is told: a file of JSON, since it holds their tokens. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Problem, ProblemsError } from '../../domain/problems';
import { PROFILE_NAMES } from './profiles';

const name = z.string().min(1);
const token = z.string().min(1);
const address = z.url({ protocol: /^https?$/, error: 'must be an http:// address' });

const settings = z.object({
  site: address.transform((url) => url.replace(/\/+$/, '')),
  /** Where the world tells what a completion is worth. */
  truth: address,
  seed: z.string(),
  /** Of the time that people take for an item: 1 as in `profiles.ts`, 0 none. */
  pace: z.number().min(0).default(1),
  labellers: z.array(z.object({ name, token, profile: z.enum(PROFILE_NAMES) })),
  researcher: z.object({ name, token }).optional(),
});
export type Settings = z.output<typeof settings>;

/** @throws ProblemsError for a file that is not there or not as described; never with a token. */
export function readSettings(file: string): Settings {
  const read = settings.safeParse(parsed(file));
  if (read.success) return read.data;
  const [first, ...others] = read.error.issues.map(
    ({ path, message }): Problem => ({ kind: 'settings', message, at: `${file} ${path.join('.')}` }),
  );
  throw new ProblemsError([first ?? { kind: 'settings', message: 'is not as described', at: file }, ...others]);
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    // The message of a JSON error repeats what is in the file.
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'not JSON';
    throw ProblemsError.of({ kind: 'settings', message: `cannot be read: ${code}`, at: file });
  }
}
