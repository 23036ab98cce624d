import type { Command } from 'commander';
import { addLeaf } from '../leaf';
import { becomeProgram } from '../supervisor/foreground';
import { WORKER } from '../supervisor/programs';

const PARTS = ['rounds', 'models', 'relay'];

export function addWorkerCommand(program: Command): void {
  addLeaf(program, {
    usage: 'worker',
    text: 'runs a worker process alone, for production',
    flags: [
      {
        flags: '--only <part>',
        text: 'rounds: workflows and database work; models: calls to models; relay: delivers messages',
        choices: PARTS,
      },
    ],
    examples: ['worker', 'worker --only models'],
    run: ({ value }) => {
      const only = value('only');
      return becomeProgram(WORKER, only ? ['--only', only] : []);
    },
  });
}
