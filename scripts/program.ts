/** The tree of commands: noun, then verb. */
import { Command } from 'commander';
import { addDoctorCommand } from './commands/doctor';
import { addDownCommand } from './commands/down';
import { addLabelCommands } from './commands/label';
import { addLabellerCommands } from './commands/labeller';
import { addMigrateCommand } from './commands/migrate';
import { addPersonCommands } from './commands/person';
import { addRoundCommands } from './commands/round';
import { addSiteCommand } from './commands/site';
import { addUpCommand } from './commands/up';
import { addWorkerCommand } from './commands/worker';

/** Makes the tree; nothing runs. Wrong usage is thrown as a CommanderError and printed by nobody. */
export function buildProgram(version: string): Command {
  const program = new Command('plumbline')
    .description('Measures how often a language model is obviously misaligned, with people who label its completions.')
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .addHelpText(
      'after',
      `
Every flag has a twin in the environment, shown in brackets; .env in this folder is read.
Example:
  $ plumbline up --detach
  $ plumbline round start round.yaml --watch`,
    );
  addUpCommand(program);
  addDownCommand(program);
  addWorkerCommand(program);
  addSiteCommand(program);
  addMigrateCommand(program);
  addDoctorCommand(program);
  addRoundCommands(program);
  addPersonCommands(program);
  addLabellerCommands(program);
  addLabelCommands(program);
  return program;
}
