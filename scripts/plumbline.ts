/** The `plumbline` command. */
import { CommanderError } from 'commander';
import { version } from '../package.json';
import { prepareEnvironment } from './environment';
import { failureOf } from './failures';
import { Output } from './output';
import { buildProgram } from './program';

async function main(argv: readonly string[]): Promise<void> {
  const warning = prepareEnvironment();
  const output = new Output(argv.includes('--json') || process.env.PLUMBLINE_JSON !== undefined);
  if (warning) output.note(`plumbline: ${warning}`);
  try {
    await buildProgram(version).parseAsync(argv);
  } catch (error) {
    // Help and version have been printed, and are no failures.
    if (error instanceof CommanderError && error.exitCode === 0) return;
    const failure = failureOf(error);
    output.fail(failure);
    process.exitCode = failure.exitCode;
  }
}

/** A reader that has gone, such as `head`, has seen enough. */
process.stdout.on('error', (error) => {
  process.exit('code' in error && error.code === 'EPIPE' ? 0 : 1);
});

void main(process.argv).then(() => {
  // What still waits (a connection that is being tried) is not waited for; what was written is.
  process.stdout.write('', () => process.exit());
});
