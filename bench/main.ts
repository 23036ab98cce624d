/** `npm run bench -- NAME`: the benches, by name. */
import { Command } from 'commander';
import { coverage } from './coverage';

const program = new Command('bench').description('What the claims about numbers and speed rest on.');

program
  .command('coverage')
  .description('how often the intervals of simulated rounds hold the simulated truth, with and without spammers')
  .option('--seeds <n>', 'rounds per condition', Number, 20)
  .option('--prompts <n>', 'prompts per round, or all', 'all')
  .option('--spammers <list>', 'conditions: how many of the 12 labellers never look', '0,2,6')
  .option('--json', 'a line of JSON per round and one for the table')
  .addHelpText('after', '\nExample:\n  $ npm run bench -- coverage --seeds 5 --spammers 0,6')
  .action(coverage);

program.parseAsync().catch((error: Error) => {
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 1;
});
