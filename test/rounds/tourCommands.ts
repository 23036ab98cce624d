/** `plumbline` as the tour's reader runs it: a process for each command, which was started while the one before ran. */
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { spawnCommand } from '../setup/command';

const READY = pathToFileURL(path.join(__dirname, 'tourReady.ts')).href;

interface Waiting {
  child: ChildProcess;
  /** Its exit code; null where a signal has ended it. */
  ended: Promise<number | null>;
  /** What it writes to stdout and stderr, in the order in which it is written. */
  file: string;
}

export interface Ran {
  code: number | null;
  /** All that it wrote. */
  lines: string[];
}

export class Commands {
  private readonly folder: string;
  private waiting: Waiting | undefined;

  constructor(
    private readonly dir: string,
    private readonly env: () => Record<string, string>,
  ) {
    this.folder = mkdtempSync(path.join(dir, '.typed-'));
  }

  async run(words: readonly string[]): Promise<Ran> {
    const { child, ended, file } = this.waiting ?? this.start();
    child.stdin?.end(JSON.stringify(words));
    this.waiting = this.start();
    const code = await ended;
    return { code, lines: readFileSync(file, 'utf8').trimEnd().split('\n') };
  }

  async end(): Promise<void> {
    this.waiting?.child.kill();
    await this.waiting?.ended;
  }

  private start(): Waiting {
    const file = path.join(mkdtempSync(path.join(this.folder, 'c')), 'output');
    const output = openSync(file, 'a');
    const env = { ...this.env(), NODE_COMPILE_CACHE: path.join(this.folder, 'compiled') };
    const child = spawnCommand([], this.dir, env, ['pipe', output, output], ['--import', READY]);
    closeSync(output);
    return { child, ended: new Promise((resolve) => child.once('close', resolve)), file };
  }
}
