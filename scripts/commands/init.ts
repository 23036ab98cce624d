import type { Command } from 'commander';
import { init } from '../init';
import { addLeaf } from '../leaf';

export function addInitCommand(program: Command): void {
  addLeaf(program, {
    usage: 'init [folder]',
    text: 'writes round.yaml, prompts.jsonl and manual/ to start a round of one’s own from, with comments, into a folder (my-round, if none is named); nothing that is there is touched',
    examples: ['init my-round', 'init my-round --dry-run'],
    mutates: true,
    run: init,
  });
}
