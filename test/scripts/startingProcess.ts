/** A process that starts the services of a folder, says so, and uses them until it is ended. Run by services.test.ts. */
import { startServices } from '../../scripts/services';

const [dir = '', what = 'stay'] = process.argv.slice(2);

async function main(): Promise<void> {
  const services = await startServices({ dir, fresh: what === 'fresh' });
  process.stdout.write(`${JSON.stringify({ event: 'started', ...services })}\n`);
  if (what !== 'stay') return;
  process.on('SIGTERM', () => void services.release().then(() => process.exit()));
  setInterval(() => undefined, 60_000);
}

main().catch((error) => {
  process.stdout.write(`${JSON.stringify({ event: 'failed', kind: error.kind, message: error.message })}\n`);
  process.exitCode = 1;
});
