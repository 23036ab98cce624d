/** The tree of commands: noun, then verb. */
import { Command } from 'commander';
import { addAdjudicateCommands } from './commands/adjudicate';
import { addCapabilityCommands } from './commands/capability';
import { addDoctorCommand } from './commands/doctor';
import { addDownCommand } from './commands/down';
import { addLabelCommands } from './commands/label';
import { addLabellerCommands } from './commands/labeller';
import { addManualCommands } from './commands/manual';
import { addMigrateCommand } from './commands/migrate';
import { addPersonCommands } from './commands/person';
import { addQuarantineCommands } from './commands/quarantine';
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
  addAdjudicateCommands(program);
  addPersonCommands(program);
  addLabellerCommands(program);
  addLabelCommands(program);
  addManualCommands(program);
  addCapabilityCommands(program);
  addQuarantineCommands(program);
  return program;
}
