import type { Command } from 'commander';
import { addLeaf } from '../leaf';
import { becomeProgram } from '../supervisor/foreground';
import { SITE } from '../supervisor/programs';

export function addSiteCommand(program: Command): void {
  addLeaf(program, {
    usage: 'site',
    text: 'runs the site alone, for production',
    examples: ['site', 'site --json'],
    run: () => becomeProgram(SITE, [], { temporal: false }),
  });
}
