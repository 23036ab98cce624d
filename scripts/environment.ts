/** The environment as commands see it: with the folder's `.env`, and without switches that are set to "no". */
import { config } from 'dotenv';

/** Twins of flags that take no value: commander reads any text in them as "yes". */
const SWITCHES = [
  'JSON',
  'DRY_RUN',
  'DETACH',
  'WATCH',
  'KEYS_ELSEWHERE',
  'TOKEN',
  'MEASUREMENTS',
  'EXIT',
  'ALIKE',
  'NO_EXAMPLES',
  'REVOKE',
  'SECOND',
  'PAUSED',
  'YES',
  'NO_PAUSE_ON_FAILURE',
  'FORCE',
  'ALL',
  'FAILED',
];
const NO = new Set(['', '0', 'false', 'no', 'off']);

/** What is set already wins over `.env`. Returns a warning where there is a `.env` that cannot be read. */
export function prepareEnvironment(): string | undefined {
  const { error } = config({ quiet: true });
  for (const name of SWITCHES.map((one) => `PLUMBLINE_${one}`)) {
    if (NO.has((process.env[name] ?? '').toLowerCase())) delete process.env[name];
  }
  const code = error && 'code' in error ? String(error.code) : undefined;
  return code === undefined || code === 'ENOENT' ? undefined : `.env cannot be read (${code})`;
}
