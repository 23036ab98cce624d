/** Requirements as flags give them. */
import type { Db } from '../../db/connection';
import { slipsAmong } from '../../db/people';
import { isRequirement, languageRequirement, REQUIREMENT_SHAPE } from '../../domain/requirements';
import { CommandError, EXIT } from '../failures';
import type { Call } from '../leaf';

/** Those of `--holds`, and of `--lang` as what they stand for. @throws CommandError for one that cannot be met. */
export function heldBy(call: Call): string[] {
  const languages = call
    .values('lang')
    .map((one) => checked(languageRequirement(one), one, '--lang', 'a code such as de'));
  return [...requirementsOf(call, 'holds', '--holds'), ...languages];
}

/** @throws CommandError for a text that no prompt could ask for: it would never be met. */
export function requirementsOf(call: Call, name: 'holds' | 'noHolds', flag: string): string[] {
  return call.values(name).map((one) => checked(one, one, flag, REQUIREMENT_SHAPE));
}

function checked(requirement: string, given: string, flag: string, shape: string): string {
  if (isRequirement(requirement)) return requirement;
  const message = `${given.slice(0, 60)} is no ${flag === '--lang' ? 'language' : 'requirement'}`;
  throw new CommandError({ kind: 'usage', message, hint: `write ${shape}`, at: flag }, EXIT.wrongUsage);
}

/** Says which of them are probably slips of the hand: nothing forbids them. */
export async function noteSlips(db: Db, call: Call, holds: readonly string[]): Promise<void> {
  for (const { given, meant } of await slipsAmong(db, holds)) {
    call.output.note(`no prompt asks for ${given}: did you mean ${meant}?`);
  }
}
