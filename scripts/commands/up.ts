import type { Command } from 'commander';
import { addLeaf } from '../leaf';
import { up } from '../supervisor/up';

export function addUpCommand(program: Command): void {
  addLeaf(program, {
    usage: 'up',
    text: 'runs Temporal, Postgres, a worker and the site on this machine until Ctrl-C; state in .plumbline/',
    flags: [{ flags: '--detach', text: 'return when everything is ready; `plumbline down` stops it' }],
    examples: ['up', 'up --detach --json'],
    run: up,
  });
}
