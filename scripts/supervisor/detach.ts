/** `up --detach`: starts a supervisor in a session of its own, passes on what it tells, and returns when it is ready. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { CommandError } from '../failures';
import { stateFolder } from '../finding';
import type { Output } from '../output';
import { layoutOf } from '../services/layout';
import { openLog } from '../services/logs';
import { announce, type Message, tellOperator } from './messages';
import { COMMAND, environmentFor, programOf } from './programs';

export async function detach(output: Output): Promise<void> {
  const supervisor = startSupervisor();
  const passOn = (signal: NodeJS.Signals) => supervisor.kill(signal);
  process.on('SIGINT', passOn).on('SIGTERM', passOn);
  try {
    await untilReady(supervisor, output);
  } finally {
    process.off('SIGINT', passOn).off('SIGTERM', passOn);
    if (supervisor.connected) supervisor.disconnect();
    supervisor.unref();
  }
}

function startSupervisor(): ChildProcess {
  const program = programOf(COMMAND, ['up']);
  const { logs } = layoutOf(stateFolder());
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const log = openLog(path.join(logs, 'up.log'));
  const supervisor = spawn(program.command, program.args, {
    env: environmentFor(program, { PLUMBLINE_SUPERVISOR: '1' }),
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
    detached: true,
  });
  log.close();
  return supervisor;
}

function untilReady(supervisor: ChildProcess, output: Output): Promise<void> {
  return new Promise((resolve, reject) => {
    supervisor.on('message', (message: Message) => {
      if (message.kind === 'progress') output.note(message.line);
      else if (message.kind === 'operator') tellOperator(output, message.operator);
      else if (message.kind === 'ready') {
        announce(output, message.addresses, 'Plumbline is up; `plumbline down` stops it.');
        resolve();
      } else reject(failed(message.message, message.hint));
    });
    supervisor.once('error', (error) => reject(failed(error.message, null)));
    supervisor.once('exit', (code, signal) => reject(failed(`it ended before it was ready (${signal ?? code})`, null)));
  });
}

function failed(message: string, hint: string | null): CommandError {
  const told = `Plumbline did not start: ${message}`;
  return new CommandError({ kind: 'start-failed', message: told, hint: hint ?? 'see .plumbline/logs/up.log' });
}
