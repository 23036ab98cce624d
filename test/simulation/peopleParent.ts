/** A process that starts another and does nothing else: killed, it can end nobody. */
import { spawn } from 'node:child_process';

spawn(process.execPath, ['--import', 'tsx', ...process.argv.slice(2)], { stdio: ['ignore', 'inherit', 'inherit'] });
setInterval(() => undefined, 60_000);
