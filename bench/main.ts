/** `npm run bench -- NAME`: the benches, by name. */
import { Command } from 'commander';
import { coverage } from './coverage';
import { importing } from './importing';
import { LABELLING_PARTS, labelling } from './labelling';
import { round } from './round';

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

program
  .command('labelling')
  .description('how fast a crowd can label, over HTTP and without, and how soon a label has its effect')
  .option('--items <list>', 'open items: a short queue and a long one', '20000,100000')
  .option('--labellers <n>', 'who label at once', Number, 50)
  .option('--seconds <n>', 'of each measurement, without its warm-up', Number, 30)
  .option('--parts <list>', `what to measure of ${LABELLING_PARTS.join(', ')}`, LABELLING_PARTS.join(','))
  .option('--json', 'a line of JSON per measurement')
  .addHelpText('after', '\nExample:\n  $ npm run bench -- labelling --items 2000,20000 --seconds 10 --parts crowd,vain')
  .action(labelling);

program
  .command('round')
  .description('how long a round takes until its items are open, beside a plain loop that only inserts rows')
  .option('--prompts <list>', 'how many prompts', '5000,20000')
  .option('--latency <ms>', 'of each simulated call', Number, 50)
  .option('--concurrency <n>', 'calls at once', Number, 100)
  .option('--runs <n>', 'of each size, the loop and the round in turns', Number, 3)
  .option('--json', 'a line of JSON per run')
  .addHelpText('after', '\nExample:\n  $ npm run bench -- round --prompts 2000 --runs 1')
  .action(round);

program
  .command('import')
  .description('what importing prompts takes in time and memory, however many there are')
  .option('--rows <list>', 'how many prompts', '100000,1000000')
  .option('--json', 'a line of JSON per size')
  .addHelpText('after', '\nExample:\n  $ npm run bench -- import --rows 10000,100000')
  .action(importing);

program.parseAsync().catch((error: Error) => {
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 1;
});
