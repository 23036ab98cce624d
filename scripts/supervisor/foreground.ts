/** One of Plumbline's processes alone: the command becomes it, so that who signals or kills the command reaches it. */
import path from 'node:path';
import { findDatabase, findTemporal } from '../finding';
import { ROOT } from './programs';

/** Loads the program's file into this process, which is the program's from here on: it ends it, too. */
export async function becomeProgram(
  file: string,
  args: readonly string[],
  needs: { temporal: boolean } = { temporal: true },
): Promise<never> {
  process.env.DATABASE_URL = (await findDatabase()).url;
  if (needs.temporal) await findTemporal();
  const program = path.join(ROOT, file);
  process.argv = [process.execPath, program, ...args];
  require(program);
  return new Promise(() => undefined);
}
