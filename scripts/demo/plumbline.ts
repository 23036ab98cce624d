/** Plumbline for the demo: started by it, or running already. */

import { CommandError } from '../failures';
import type { Output } from '../output';
import { type Addresses, takeUpLock } from '../supervisor/state';
import { startEverything } from '../supervisor/supervise';
import { runningAlready } from '../supervisor/up';

export interface Plumbline {
  addresses: Addresses;
  /** Started by the demo, and stopped with it. */
  own: boolean;
  /** Does nothing where somebody else has started it. */
  stop(): Promise<void>;
  kill(): void;
}

export async function haveItUp(output: Output): Promise<Plumbline> {
  const progress = (line: string) => output.note(line);
  const lock = takeUpLock();
  if (!lock) return alreadyUp(progress);
  try {
    const operator = ({ name }: { name: string }) => progress(`you are ${name}, the first operator here`);
    const running = await startEverything({ progress, operator });
    const { addresses, kill } = running;
    const stop = async () => {
      progress('stopping the site, the worker and the services');
      await running.stop();
      lock.release();
    };
    return { addresses, own: true, stop, kill };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function alreadyUp(progress: (line: string) => void): Promise<Plumbline> {
  const addresses = await runningAlready();
  if (!addresses) {
    const message = 'another `plumbline up` has just ended';
    throw new CommandError({ kind: 'busy', message, hint: 'try again' });
  }
  progress('Plumbline is up already, and stays so: the demo runs in it');
  return { addresses, own: false, stop: async () => undefined, kill: () => undefined };
}
