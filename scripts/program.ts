/** The tree of commands: noun, then verb. */
import { Command } from 'commander';
import { addAdjudicateCommands } from './commands/adjudicate';
import { addCapabilityCommands } from './commands/capability';
import { addDemoCommand } from './commands/demo';
import { addDoctorCommand } from './commands/doctor';
import { addDownCommand } from './commands/down';
import { addInitCommand } from './commands/init';
import { addLabelCommands } from './commands/label';
import { addLabellerCommands } from './commands/labeller';
import { addManualCommands } from './commands/manual';
import { addMigrateCommand } from './commands/migrate';
import { addPersonCommands } from './commands/person';
import { addPromptsCommands } from './commands/prompts';
import { addQuarantineCommands } from './commands/quarantine';
import { addRedactCommand } from './commands/redact';
import { addReportCommand } from './commands/report';
import { addRoundCommands } from './commands/round';
import { addScheduleCommands } from './commands/schedule';
import { addSiteCommand } from './commands/site';
import { addTemporalCommands } from './commands/temporal';
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
  $ plumbline demo                 a first round, SIMULATED, with its report
  $ plumbline init my-round        files for a round of your own
  $ plumbline up --detach
  $ plumbline round start my-round/round.yaml --watch`,
    );
  addDemoCommand(program);
  addInitCommand(program);
  addUpCommand(program);
  addDownCommand(program);
  addWorkerCommand(program);
  addSiteCommand(program);
  addMigrateCommand(program);
  addDoctorCommand(program);
  addRoundCommands(program);
  addScheduleCommands(program);
  addReportCommand(program);
  addPromptsCommands(program);
  addAdjudicateCommands(program);
  addPersonCommands(program);
  addLabellerCommands(program);
  addLabelCommands(program);
  addManualCommands(program);
  addCapabilityCommands(program);
  addQuarantineCommands(program);
  addRedactCommand(program);
  addTemporalCommands(program);
  return program;
}
