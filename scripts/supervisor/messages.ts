/** What an `up` tells: to its own terminal, or, detached, to the command that started it. */
import type { Output } from '../output';
import type { FirstOperator } from './firstOperator';
import type { Addresses } from './state';
import type { Tellings } from './supervise';

export type Message =
  | { kind: 'progress'; line: string }
  | { kind: 'operator'; operator: FirstOperator }
  | { kind: 'ready'; addresses: Addresses }
  | { kind: 'failed'; message: string; hint: string | null };

/** True in a supervisor that another command has started: that command listens while it starts. */
export function isDetached(): boolean {
  return process.env.PLUMBLINE_SUPERVISOR === '1';
}

/** Resolves when the message is on its way: this process may end then. */
export function send(message: Message): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected && process.send) process.send(message, () => resolve());
    else resolve();
  });
}

export interface UpTellings extends Tellings {
  ready(addresses: Addresses, first: string): Promise<void>;
}

export function telling(output: Output): UpTellings {
  if (isDetached()) {
    return {
      progress: (line) => {
        output.note(`${new Date().toISOString()} ${line}`);
        void send({ kind: 'progress', line });
      },
      operator: (operator) => void send({ kind: 'operator', operator }),
      ready: (addresses) => send({ kind: 'ready', addresses }),
    };
  }
  return {
    progress: (line) => output.note(line),
    operator: (operator) => tellOperator(output, operator),
    ready: async (addresses, first) => announce(output, addresses, first),
  };
}

export function tellOperator(output: Output, { personId, name, token }: FirstOperator): void {
  const lines = [`the first operator is ${name} (${personId})`, `token, shown this once: ${token}`, ''];
  output.record({ event: 'operator', personId, name, token }, lines.join('\n'));
}

export function announce(output: Output, addresses: Addresses, first: string): void {
  const { site, temporal, temporalUi, postgres } = addresses;
  const lines = [
    first,
    `  site      ${site}`,
    `  Temporal  ${temporal}${temporalUi ? `, its pages ${temporalUi}` : ''}`,
    `  Postgres  ${postgres}`,
    '  logs      .plumbline/logs',
    'Next, for a round of your own: npx --no-install plumbline init my-round (it says how to go on)',
    '      where its file is written: npx --no-install plumbline round start FILE --watch',
  ];
  output.record({ event: 'ready', ...addresses }, lines.join('\n'));
}
