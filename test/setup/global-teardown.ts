/** Stops what the global setup started; nothing is left running. */
import { stopRunning } from './running';

export default async function globalTeardown(): Promise<void> {
  await stopRunning();
}
