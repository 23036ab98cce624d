/** Who is there to label a round: too few in all, and too few for what single prompts ask for. */
import type { Problem } from '../../domain/problems';
import { nearRequirement } from '../../domain/requirements';
import { perPromptAndModel } from '../../domain/spec';
import { nearest } from '../../domain/suggestions';
import { accountsOf } from '../accounts';
import type { Tx } from '../connection';
import { eligibleLabellers, type Labeller } from '../people';
import type { RoundPlan } from './start';
import type { Survey } from './survey';

/** Holders that are named in one sentence. */
const SHOWN = 3;

/** Distinct labellers that an item's prompt needs, where a labeller sees one completion of a prompt at most. */
function labellersNeeded({ frozen }: RoundPlan): number {
  const { overlap } = frozen.resolving;
  return frozen.onePerPrompt ? frozen.models.length * perPromptAndModel(frozen) * overlap : overlap;
}

/** As `modelsAreSimulated` will have it of the round: a model whose completions are given counts as real. */
async function isOfSimulated(tx: Tx, { accounts, frozen }: RoundPlan): Promise<boolean> {
  const stored = await accountsOf(tx, accounts);
  const simulated = new Set([...accounts, ...stored].filter((account) => account.simulated).map(({ id }) => id));
  return frozen.models.every(({ accountId }) => accountId !== null && simulated.has(accountId));
}

export async function tooFewLabellers(tx: Tx, plan: RoundPlan): Promise<Problem[]> {
  const needed = labellersNeeded(plan);
  const { groups } = plan.settings;
  const simulated = await isOfSimulated(tx, plan);
  const there = (await eligibleLabellers(tx, { groups, simulated })).length;
  if (there >= needed) return [];
  const { models, onePerPrompt, resolving } = plan.frozen;
  const each = perPromptAndModel(plan.frozen);
  const completions = each > 1 ? ` × ${each} completions of a prompt` : '';
  const why = onePerPrompt
    ? `${models.length} model(s)${completions} × overlap ${resolving.overlap}, for a labeller sees one completion of a prompt`
    : `overlap ${resolving.overlap}`;
  const of = groups.length > 0 ? ` in the group(s) ${groups.join(', ')}` : '';
  const passed = simulated ? 0 : (await eligibleLabellers(tx, { groups, simulated: true })).length - there;
  const besides = passed > 0 ? `, besides ${passed} simulated, who may not label what real models have said` : '';
  const ways = [
    '`plumbline labeller invite`',
    'a smaller overlap',
    ...(onePerPrompt && there >= resolving.overlap ? ['one_per_prompt: false'] : []),
  ];
  return [
    {
      kind: 'too-few-labellers',
      message: `needs ${needed} labellers (${why}) and has ${there}${of}${besides}`,
      hint: `what helps: ${ways.join(', ')}`,
      at: 'overlap',
    },
  ];
}

/** Requirements that too few labellers hold: such items would starve, after their completions have been paid for. */
export async function requirementNotices(tx: Tx, plan: RoundPlan, survey: Survey): Promise<string[]> {
  if (survey.requirements.length === 0) return [];
  const { groups } = plan.settings;
  const eligible = await eligibleLabellers(tx, { groups, simulated: await isOfSimulated(tx, plan) });
  const needed = labellersNeeded(plan);
  const about = survey.seeded || survey.drawn === plan.prompts.size ? '' : 'about ';
  return survey.requirements.flatMap(({ requirements, prompts }) => {
    const holders = eligible.filter(({ holds }) => requirements.every((one) => holds.includes(one)));
    if (holders.length >= needed) return [];
    const starving = `${about}${prompts === 1 ? '1 prompt' : `${prompts} prompts`} would starve`;
    if (holders.length > 0) return [`${tooFew(requirements, holders, needed)}: ${starving}`];
    return [`nobody holds ${requirements.join(' and ')}: ${starving}${meant(requirements, eligible)}`];
  });
}

function tooFew(requirements: readonly string[], holders: readonly Labeller[], needed: number): string {
  const names = holders.slice(0, SHOWN).map(({ name }) => name);
  const who = `${names.join(', ')}${holders.length > SHOWN ? ', …' : ''}`;
  const hold = holders.length === 1 ? '1 labeller holds' : `${holders.length} labellers hold`;
  return `${hold} ${requirements.join(' and ')} (${who}), and ${needed} are needed`;
}

/** What is held instead, where that may be what was meant. */
function meant(requirements: readonly string[], eligible: readonly Labeller[]): string {
  const held = [...new Set(eligible.flatMap(({ holds }) => holds))].sort();
  const near = requirements
    .filter((one) => !held.includes(one))
    .flatMap((one) => nearRequirement(one, held) ?? nearOfKind(one, held) ?? []);
  if (near.length === 0) return '';
  return `; did you mean ${[...new Set(near)].join(' and ')}, which is held?`;
}

/** Of the same kind with nearly the same value: also a code of two letters, where another one is held already. */
function nearOfKind(requirement: string, held: readonly string[]): string | undefined {
  const [kind = '', value = ''] = requirement.split(':');
  const prefix = `${kind}:`;
  const values = held.filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length));
  const near = nearest(value, values);
  return near === undefined ? undefined : prefix + near;
}
