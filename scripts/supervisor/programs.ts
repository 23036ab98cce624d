/** How this program starts its other processes: TypeScript as it is, under the same Node, from any folder. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export const ROOT = path.resolve(__dirname, '../..');

export interface Program {
  command: string;
  args: string[];
  /** Beside the environment that the process gets anyway. */
  env: Record<string, string>;
}

export const WORKER = 'workers/main.ts';
export const SITE = 'site/server/main.ts';
export const COMMAND = 'scripts/plumbline.ts';

/** Each call and each request leaves thousands of small objects behind: with room for them they are cleared away in bulk. */
const ROOM_FOR_THE_NEW = '--max-semi-space-size=64';
const FLAGS: Readonly<Record<string, readonly string[]>> = { [WORKER]: [ROOM_FOR_THE_NEW], [SITE]: [ROOM_FOR_THE_NEW] };

/** @param file from the root of the repository. */
export function programOf(file: string, args: readonly string[] = []): Program {
  return {
    command: process.execPath,
    args: [
      ...(FLAGS[file] ?? []),
      '--import',
      pathToFileURL(require.resolve('tsx')).href,
      path.join(ROOT, file),
      ...args,
    ],
    // tsx would otherwise read the tsconfig.json of the folder that the user stands in.
    env: { TSX_TSCONFIG_PATH: path.join(ROOT, 'tsconfig.json') },
  };
}

const OWN = new Set(
  ['DETACH', 'EXIT', 'JSON', 'NO_EXAMPLES', 'ONLY', 'WATCH', 'SUPERVISOR'].map((name) => `PLUMBLINE_${name}`),
);

/** The twins of this command's own flags are not meant for the processes that it starts. */
export function environmentFor(program: Program, extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !OWN.has(name));
  return { ...Object.fromEntries(inherited), ...program.env, ...extra };
}
