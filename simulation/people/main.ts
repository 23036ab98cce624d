/**
 * The process of the SIMULATED people: labellers, and a researcher where one is named. Prints one line of JSON when they are
 * at work; logs to stderr. On SIGTERM or SIGINT it ends with 0, and it ends when the process that started it is gone.
 */
import pino from 'pino';
import { z } from 'zod';
import { ProblemsError } from '../../domain/problems';
import { whenOrphaned } from '../server/parent';
import { Labeller } from './labeller';
import { Patient } from './patience';
import { Researcher } from './researcher';
import { readSettings, type Settings } from './settings';
import { TruthTeller } from './truthTeller';

const Environment = z.object({
  PLUMBLINE_SIMULATION_PEOPLE: z.string('must name a file').min(1),
  PLUMBLINE_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

function main({ site, truth, seed, pace, labellers, researcher }: Settings, level: string): void {
  const log = pino({ name: 'people', level, base: { simulated: true } }, pino.destination(2));
  const stop = () => {
    log.info('stopping');
    process.exit(0);
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
  whenOrphaned(stop);

  const at = ({ name, token }: { name: string; token: string }) => {
    const own = log.child({ person: name });
    const tools = { site: new Patient(site, own, token), truth: new TruthTeller(new Patient(truth, own), own) };
    return { ...tools, name, seed, pace, log: own };
  };
  for (const labeller of labellers) void new Labeller({ ...at(labeller), profile: labeller.profile }).work();
  if (researcher) void new Researcher(at(researcher)).work();
  process.stdout.write(`${JSON.stringify({ event: 'ready', labellers: labellers.length })}\n`);
}

function refuse(problems: readonly object[]): never {
  for (const problem of problems) process.stderr.write(`${JSON.stringify({ error: problem })}\n`);
  process.exit(2);
}

const environment = Environment.safeParse(process.env);
if (!environment.success) {
  refuse(environment.error.issues.map(({ path, message }) => ({ kind: 'environment', message, at: String(path[0]) })));
}
try {
  main(readSettings(environment.data.PLUMBLINE_SIMULATION_PEOPLE), environment.data.PLUMBLINE_LOG_LEVEL);
} catch (error) {
  if (!(error instanceof ProblemsError)) throw error;
  refuse(error.problems);
}
