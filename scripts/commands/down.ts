import type { Command } from 'commander';
import { addLeaf } from '../leaf';
import { down } from '../supervisor/down';

export function addDownCommand(program: Command): void {
  addLeaf(program, {
    usage: 'down',
    text: 'stops what `plumbline up` has started in this folder',
    examples: ['down'],
    run: down,
  });
}
