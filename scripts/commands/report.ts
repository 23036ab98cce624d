import type { Command } from 'commander';
import { addLeaf } from '../leaf';
import { report } from '../report';

export function addReportCommand(program: Command): void {
  addLeaf(program, {
    usage: 'report <round>',
    text: 'what a round found, and what that rests on (an id, the beginning of one, or latest)',
    flags: [
      { flags: '--html <file>', text: 'writes a page that holds everything, charts too, and needs nothing beside it' },
      { flags: '--csv <file>', text: 'writes a row per model: counts, bounds, guarantee' },
      { flags: '--no-examples', text: 'leaves out the items to read: no prompt and no completion is in it then' },
    ],
    examples: ['report latest', 'report latest --html report.html --csv report.csv', 'report latest --json'],
    run: report,
  });
}
