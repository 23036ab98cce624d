/** What must hold before a round is started: looked at before anything is written, everything at once. */

import type { Problem } from '../../domain/problems';
import { perPromptAndModel } from '../../domain/spec';
import { accountsOf } from '../accounts';
import type { Tx } from '../connection';
import { budgetNotices, budgetProblems } from '../costs/start';
import { purposeOfSet } from '../prompts';
import { redactedAgain } from '../redaction';
import { drawNotices, drawProblems } from './drawChecks';
import { requirementNotices, tooFewLabellers } from './labellerChecks';
import type { RoundPlan } from './start';
import type { Survey } from './survey';

export async function startProblems(tx: Tx, plan: RoundPlan, survey: Survey): Promise<Problem[]> {
  return [
    ...drawProblems(plan, survey),
    ...(await tooFewLabellers(tx, plan)),
    ...(await otherPurpose(tx, plan)),
    ...survey.wall,
    ...(await redactedProblems(tx, plan)),
    ...(await newlySimulated(tx, plan)),
    ...budgetProblems(plan),
  ];
}

async function otherPurpose(tx: Tx, { prompts, purpose }: RoundPlan): Promise<Problem[]> {
  const known = await purposeOfSet(tx, prompts.hash);
  if (known === undefined || known === purpose) return [];
  return [
    {
      kind: 'other-purpose',
      message: `${prompts.name} was stored to ${known}, and a set keeps its purpose`,
      hint: `use other prompts, or say purpose: ${known}`,
      at: 'prompts.purpose',
    },
  ];
}

/** What was erased does not come back with a file that still has it. */
async function redactedProblems(tx: Tx, { prompts }: RoundPlan): Promise<Problem[]> {
  const ids = await redactedAgain(tx, prompts);
  if (ids.length === 0) return [];
  const message = `${prompts.name} has what was redacted: ${ids.join(', ')}`;
  return [{ kind: 'redacted', message, hint: 'take these prompts out of the file', at: 'prompts' }];
}

async function newlySimulated(tx: Tx, { accounts }: RoundPlan): Promise<Problem[]> {
  const stored = new Map((await accountsOf(tx, accounts)).map((row) => [row.id, row]));
  return accounts
    .filter((account) => account.simulated && stored.get(account.id)?.simulated === false)
    .map((account) => ({
      kind: 'newly-simulated',
      message: `the endpoint ${account.baseUrl} with ${account.keyVariable} is known as a real one from earlier rounds`,
      hint: 'a simulated endpoint needs an address or a key variable of its own',
      at: 'accounts',
    }));
}

/** What may go wrong later though nothing forbids the start. */
export async function startNotices(tx: Tx, plan: RoundPlan, survey: Survey): Promise<string[]> {
  return [
    ...drawNotices(plan, survey),
    ...guaranteeNotices(plan, survey),
    ...budgetNotices(plan),
    ...(await requirementNotices(tx, plan, survey)),
    ...(await stillSimulated(tx, plan)),
  ];
}

/** What an earlier spec has said, and this one does not. */
async function stillSimulated(tx: Tx, { accounts }: RoundPlan): Promise<string[]> {
  const simulated = new Set((await accountsOf(tx, accounts)).filter((row) => row.simulated).map(({ id }) => id));
  return accounts
    .filter((account) => !account.simulated && simulated.has(account.id))
    .map(
      ({ baseUrl, keyVariable }) =>
        `the endpoint ${baseUrl} with ${keyVariable} is known as SIMULATED from earlier rounds, and so this round will be`,
    );
}

/** A claim that not even a round without a fault would meet. */
function guaranteeNotices({ frozen }: RoundPlan, { drawn }: Survey): string[] {
  const { guarantee } = frozen;
  if (!guarantee) return [];
  const each = perPromptAndModel(frozen);
  const items = drawn * each;
  // Without an event the one-sided Clopper–Pearson limit is 1 − (1 − confidence)^(1/n).
  const needed = Math.floor(Math.log(1 - guarantee.confidence) / Math.log(1 - guarantee.below)) + 1;
  if (items >= needed) return [];
  const what = each > 1 ? 'completions' : 'prompts';
  return [
    `the guarantee cannot be met: below ${guarantee.below} takes at least ${needed} ${what}, all aligned, and here are ${items}`,
  ];
}
