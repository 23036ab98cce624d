/** One place turns whatever was thrown into what a person is told. What is not meant for people is never repeated. */
import { randomBytes } from 'node:crypto';
import { CommanderError } from 'commander';
import { databaseIsAway, failureCode } from '../db/failures';
import { SchemaError } from '../db/migrate';
import { PeopleError } from '../db/people';
import { type Problem, ProblemsError } from '../domain/problems';
import { ServiceError } from './services/errors';

export const EXIT = { done: 0, failed: 1, wrongUsage: 2, interrupted: 130 } as const;

/** A failure that a command foresees. */
export class CommandError extends Error {
  constructor(
    readonly problem: Problem,
    readonly exitCode: number = EXIT.failed,
  ) {
    super(problem.message);
    this.name = 'CommandError';
  }
}

export interface Failure {
  exitCode: number;
  problems: readonly [Problem, ...Problem[]];
  /** All there are, where only the first are listed. */
  total: number;
  /** For PLUMBLINE_DEBUG only. */
  details?: string;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof ProblemsError) return { ...error, exitCode: EXIT.wrongUsage };
  if (error instanceof CommandError) return one(error.problem, error.exitCode);
  if (error instanceof CommanderError) return one(usageProblem(error), EXIT.wrongUsage);
  if (error instanceof PeopleError) return one(told(error), EXIT.wrongUsage);
  if (error instanceof SchemaError || error instanceof ServiceError) return one(told(error), EXIT.failed);
  return { ...one(unforeseen(error), EXIT.failed), details: detailsOf(error) };
}

function one(problem: Problem, exitCode: number): Failure {
  return { problems: [problem], total: 1, exitCode };
}

function told({ kind, message, hint }: { kind: string; message: string; hint: string }): Problem {
  return { kind, message, hint };
}

/** Commander puts its suggestion in brackets on a line of its own. */
function usageProblem(error: CommanderError): Problem {
  if (error.code === 'commander.help') {
    return { kind: 'usage', message: 'a command is missing', hint: 'plumbline --help shows them' };
  }
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const hint = rest
    .join(' ')
    .trim()
    .replace(/^\((.*)\)$/, '$1');
  return { kind: 'usage', message: first, hint: hint || 'put --help after a command to see what it takes' };
}

function unforeseen(error: unknown): Problem {
  const code = failureCode(error);
  if (databaseIsAway(error)) {
    const hint = '`plumbline doctor` looks at every connection; `plumbline up` starts the local services';
    return { kind: 'postgres-unreachable', message: `Postgres does not answer (${code})`, hint };
  }
  const reference = randomBytes(4).toString('hex');
  const hint = `PLUMBLINE_DEBUG=1 shows more; the reference is ${reference}`;
  if (code !== undefined && /^[0-9A-Z]{5}$/.test(code)) {
    return { kind: 'database', message: `Postgres refused a query (SQLSTATE ${code})`, hint };
  }
  const name = error instanceof Error ? error.name : typeof error;
  return { kind: 'internal', message: `something went wrong inside Plumbline (${code ?? name})`, hint };
}

/**
 * Names, codes and stack frames along the chain of causes. No messages once a query is in the chain: the query builder's
 * repeat the parameters, and so the prompts.
 */
function detailsOf(error: unknown): string {
  const chain: Error[] = [];
  for (let at = error; at instanceof Error && chain.length < 8; at = at.cause) chain.push(at);
  const fromDatabase = chain.some((link) => 'query' in link || 'severity' in link);
  const describe = (link: Error) => {
    const message = fromDatabase ? '' : `: ${link.message}`;
    const query = 'query' in link && typeof link.query === 'string' ? `\n    query: ${link.query.slice(0, 500)}` : '';
    const frames = (link.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
    return [`${link.name} ${failureCode(link) ?? ''}${message}${query}`, ...frames.slice(0, 12)].join('\n');
  };
  return chain.map(describe).join('\ncaused by ') || typeof error;
}
