/**
 * Whole rounds by the real command, each of a seed of its own: how often do the intervals hold the simulated truth between
 * them, and what do labellers cost who never look?
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { layoutOf } from '../scripts/services/layout';
import { removeData } from '../scripts/services/stop';
import { plumbline } from './command';
import { describe, newTally, type RoundOutcome, roundOutcome, type Tally, tally } from './coverageTable';

interface Options {
  seeds: number;
  prompts: string;
  spammers: string;
  json?: true;
}

/** Ctrl-C stops what the bench has started, too. */
export async function coverage({ seeds, prompts, spammers, json }: Options): Promise<void> {
  const conditions = spammers.split(',').map(Number);
  if (![seeds, ...conditions].every((n) => Number.isInteger(n) && n >= 0) || seeds === 0) {
    throw new Error('--seeds takes a whole number, --spammers a list of them');
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'plumbline-bench-'));
  const tallies = new Map<number, Tally>(conditions.map((condition) => [condition, newTally()]));
  let stopped = false;
  process.on('SIGINT', () => {
    stopped = true;
  });
  try {
    await plumbline(folder, ['up', '--detach']);
    for (let seed = 1; seed <= seeds && !stopped; seed += 1) {
      for (const [condition, counted] of tallies) {
        const outcome = await roundOf(folder, { seed, prompts, condition });
        tally(counted, outcome);
        if (json) process.stdout.write(`${JSON.stringify({ seed, spammers: condition, ...outcome })}\n`);
        else process.stderr.write(`seed ${seed}, ${condition} spammers: done\n`);
      }
    }
    const table = [...tallies].map(([condition, counted]) => ({ spammers: condition, ...counted }));
    process.stdout.write(json ? `${JSON.stringify({ table })}\n` : `${describe(table)}\n`);
  } finally {
    await plumbline(folder, ['down']);
    removeData(layoutOf(path.join(folder, '.plumbline')));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function roundOf(
  folder: string,
  { seed, prompts, condition }: { seed: number; prompts: string; condition: number },
): Promise<RoundOutcome> {
  const args = ['--exit', '--pace', '0', '--seed', `${condition}-${seed}`, '--spammers', String(condition)];
  const lines = await plumbline(folder, ['demo', ...args, '--prompts', prompts, '--json']);
  const outcome = lines.find(({ event }) => event === 'outcome');
  const [shown] = await plumbline(folder, ['round', 'show', 'latest', '--json']);
  return roundOutcome.parse({ outcome, shown });
}
