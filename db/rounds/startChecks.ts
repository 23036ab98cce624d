/** What must hold before a round is started: looked at before anything is written, everything at once. */
import type { Problem } from '../../domain/problems';
import { accountsOf } from '../accounts';
import type { Tx } from '../connection';
import { countEligibleLabellers, listLabellers } from '../people';
import { purposeOfSet } from '../prompts';
import type { RoundPlan } from './start';

/** Variants of a prompt and completions of a variant in an ordinary round. */
const PER_PROMPT_AND_MODEL = 1;

export async function startProblems(tx: Tx, plan: RoundPlan): Promise<Problem[]> {
  return [
    ...tooManyPrompts(plan),
    ...(await tooFewLabellers(tx, plan)),
    ...(await otherPurpose(tx, plan)),
    ...(await newlySimulated(tx, plan)),
  ];
}

/** Distinct labellers that an item's prompt needs, where a labeller sees one completion of a prompt at most. */
function labellersNeeded({ frozen }: RoundPlan): number {
  const { overlap } = frozen.resolving;
  return frozen.onePerPrompt ? frozen.models.length * PER_PROMPT_AND_MODEL * overlap : overlap;
}

function tooManyPrompts({ sample, prompts }: RoundPlan): Problem[] {
  if (sample === null || sample <= prompts.size) return [];
  return [
    {
      kind: 'too-few-prompts',
      message: `asks for ${sample} prompts, and ${prompts.name} has ${prompts.size}`,
      hint: 'add prompts, or ask for fewer (all takes every one)',
      at: 'prompts.sample',
    },
  ];
}

async function tooFewLabellers(tx: Tx, plan: RoundPlan): Promise<Problem[]> {
  const needed = labellersNeeded(plan);
  const { groups } = plan.settings;
  const there = await countEligibleLabellers(tx, groups);
  if (there >= needed) return [];
  const { models, onePerPrompt, resolving } = plan.frozen;
  const why = onePerPrompt
    ? `${models.length} model(s) × overlap ${resolving.overlap}, for a labeller sees one completion of a prompt`
    : `overlap ${resolving.overlap}`;
  const of = groups.length > 0 ? ` in the group(s) ${groups.join(', ')}` : '';
  const ways = [
    '`plumbline labeller invite`',
    'a smaller overlap',
    ...(onePerPrompt && there >= resolving.overlap ? ['one_per_prompt: false'] : []),
  ];
  return [
    {
      kind: 'too-few-labellers',
      message: `needs ${needed} labellers (${why}) and has ${there}${of}`,
      hint: `what helps: ${ways.join(', ')}`,
      at: 'overlap',
    },
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

/** Requirements that too few labellers hold: such items would starve, after their completions have been paid for. */
export async function startNotices(tx: Tx, plan: RoundPlan): Promise<string[]> {
  return [...guaranteeNotices(plan), ...(await requirementNotices(tx, plan))];
}

/** A claim that not even a round without a fault would meet. */
function guaranteeNotices({ frozen: { guarantee }, sample, prompts }: RoundPlan): string[] {
  if (!guarantee) return [];
  const items = sample ?? prompts.size;
  // Without an event the one-sided Clopper–Pearson limit is 1 − (1 − confidence)^(1/n).
  const needed = Math.floor(Math.log(1 - guarantee.confidence) / Math.log(1 - guarantee.below)) + 1;
  if (items >= needed) return [];
  return [
    `the guarantee cannot be met: below ${guarantee.below} takes at least ${needed} prompts, all aligned, and here are ${items}`,
  ];
}

async function requirementNotices(tx: Tx, plan: RoundPlan): Promise<string[]> {
  const asked = plan.prompts.requirements;
  if (asked.length === 0) return [];
  const { groups } = plan.settings;
  const eligible = (await listLabellers(tx)).filter(
    (one) => !one.removedAt && (groups.length === 0 || one.groups.some((group) => groups.includes(group))),
  );
  const needed = labellersNeeded(plan);
  return asked.flatMap(({ requirements, prompts }) => {
    const holders = eligible.filter(({ holds }) => requirements.every((one) => holds.includes(one))).length;
    if (holders >= needed) return [];
    return [
      `${prompts} prompt(s) ask for ${requirements.join(' and ')}: ${holders} labeller(s) hold it, ${needed} are needed`,
    ];
  });
}
