import type { Command } from 'commander';
import type { Db } from '../../db/connection';
import type { Check } from '../doctor/check';
import { checkDatabase } from '../doctor/database';
import { checkMachine } from '../doctor/machine';
import { checkSchedules } from '../doctor/schedules';
import { checkState } from '../doctor/state';
import { checkTemporal } from '../doctor/temporal';
import { EXIT } from '../failures';
import { addLeaf, type Call } from '../leaf';

export function addDoctorCommand(program: Command): void {
  addLeaf(program, {
    usage: 'doctor',
    text: 'looks at every connection, version and key, and says what to do; exits 1 if anything fails',
    examples: ['doctor', 'doctor --json'],
    run: doctor,
  });
}

async function doctor({ output }: Call): Promise<number> {
  const checks: Check[] = [];
  const stored = async (db: Db) => [...(await checkState(db)), ...(await checkSchedules(db))];
  for (const look of [checkMachine, () => checkDatabase(stored), checkTemporal]) {
    for (const check of await look()) {
      checks.push(check);
      output.record({ event: 'check', ...check }, describe(check));
    }
  }
  const failures = checks.filter(({ status }) => status === 'fail').length;
  const warnings = checks.filter(({ status }) => status === 'warn').length;
  const said = failures + warnings === 0 ? 'all is well' : `${failures} failed, ${warnings} to look at`;
  output.record({ event: 'done', ok: failures === 0, failures, warnings }, said);
  return failures > 0 ? EXIT.failed : EXIT.done;
}

const MARKS = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' };

function describe({ status, name, message, hint }: Check): string {
  const line = `${MARKS[status]}  ${name}: ${message}`;
  return hint ? `${line}\n      ${hint}` : line;
}
