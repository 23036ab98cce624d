/** Calls at once, of one account or of all that a round uses. */
import type { RoundRow } from '../../db/rounds/read';
import type { Wanted } from '../../db/rounds/set';
import { accountsOf } from '../../domain/spec';
import { roundFile } from '../intake/shape';
import { didYouMean } from '../intake/suggestions';
import { checked, Wrong } from './setWrong';

/** @param name as the spec calls the account; undefined: all of the round. @throws Wrong */
export function readConcurrency(
  value: unknown,
  name: string | undefined,
  { spec, settings }: Pick<RoundRow, 'spec' | 'settings'>,
): Wanted['concurrency'] {
  const read = checked(roundFile.shape.accounts, { any: { concurrency: value } });
  const calls = read.any?.concurrency ?? 1;
  const named = accountsOf(spec).map((id) => ({ id, name: settings.accountNames?.[id] ?? id }));
  if (named.length === 0) throw new Wrong('no model of this round is called: its completions were given');
  const meant = name === undefined ? named : named.filter((account) => account.name === name || account.id === name);
  if (meant.length === 0) {
    const names = named.map((account) => account.name);
    throw new Wrong(`the round has no account ${name}`, didYouMean(name ?? '', names), 'unknown-account');
  }
  return meant.map((account) => ({ setting: `concurrency.${account.name}`, accountId: account.id, calls }));
}
