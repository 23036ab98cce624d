import type { Command } from 'commander';
import { demo } from '../demo';
import { addLeaf } from '../leaf';

export function addDemoCommand(program: Command): void {
  addLeaf(program, {
    usage: 'demo',
    text: 'everything on this machine and a round of SIMULATED models and labellers, with its report; `npm start` is this. Interrupted, it goes on at the next start',
    flags: [
      { flags: '--exit', text: 'stop everything once the round is done' },
      {
        flags: '--seed <seed>',
        text: 'what all that is simulated follows from; left out: 1 for the first round, then 2, …',
      },
      { flags: '--prompts <n>', text: 'how many of the shipped prompts are drawn', default: 'all' },
      { flags: '--spammers <n>', text: 'how many of the 12 labellers answer without looking; left out: 2' },
      {
        flags: '--alike',
        text: 'all labellers who look answer alike (and one does not look): verdicts do not hang on who labelled what, and two runs of a seed give the same',
      },
      { flags: '--pace <n>', text: 'the labellers’ time to think: 1 as usual, 0 none', default: '1' },
    ],
    examples: ['demo', 'demo --exit --seed 7', 'demo --spammers 6 --prompts 60'],
    acts: true,
    run: demo,
  });
}
