/** What must hold of a round's draw, and what is worth knowing of it before it is paid for. */
import { clusterNote } from '../../domain/clusters';
import type { Problem } from '../../domain/problems';
import { perPromptAndModel } from '../../domain/spec';
import { allocated, nameOfStratum, type StratumDraw } from '../../domain/strata';
import { didYouMean } from '../../domain/suggestions';
import type { RoundPlan } from './start';
import type { Survey } from './survey';

/** Strata that are named in one sentence. */
const SHOWN = 5;

export function drawProblems(plan: RoundPlan, survey: Survey): Problem[] {
  return [
    ...tooManyPrompts(plan),
    ...nothingDrawn(plan, survey),
    ...strataProblems(plan, survey),
    ...givenProblems(plan),
  ];
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

function nothingDrawn({ share, prompts }: RoundPlan, { drawn, seeded }: Survey): Problem[] {
  if (typeof share !== 'number' || !seeded || drawn > 0) return [];
  const message = `${percent(share)} of ${prompts.size} prompts draws none of them with this seed`;
  return [{ kind: 'nothing-drawn', message, hint: 'take a larger share, or a number', at: 'prompts.sample' }];
}

function strataProblems({ strata, share, sample, prompts }: RoundPlan, survey: Survey): Problem[] {
  if (!strata) return [];
  const { field, allocation } = strata;
  const problems: Problem[] = [];
  if (survey.strata.every(({ stratum }) => stratum === null)) {
    const message = `no prompt of ${prompts.name} has a field ${field}`;
    const hint =
      prompts.fields.length > 0 ? didYouMean(field, prompts.fields) : 'the file says nothing but its prompts';
    problems.push({ kind: 'unknown-field', message, hint, at: 'prompts.strata' });
  }
  if (allocation === 'equal' && sample === null) {
    const takes = typeof share === 'number' ? 'a share takes its part of each stratum' : 'all prompts are taken';
    const hint = 'ask for a number of prompts, or leave the allocation out';
    const message = `${takes}: strata cannot be drawn alike`;
    problems.push({ kind: 'equal-without-number', message, hint, at: 'prompts.strata' });
  }
  return problems;
}

/** Completions that come with the prompts: one to a prompt, of one model. */
function givenProblems({ frozen, prompts }: RoundPlan): Problem[] {
  const given = frozen.models.filter(({ accountId }) => accountId === null).map(({ id }) => id);
  if (given.length === 0) return [];
  const at = 'models';
  const problems: Problem[] = [];
  if (prompts.given < prompts.size) {
    const message = `the completions of ${given.join(', ')} are given, and ${prompts.size - prompts.given} of ${prompts.size} prompts bring none`;
    problems.push({ kind: 'no-completions', message, hint: 'each prompt needs a field completion', at });
  }
  if (given.length > 1) {
    const message = `${given.join(' and ')} would have the same completions: a prompt brings one`;
    problems.push({ kind: 'given-twice', message, hint: 'start a round for each model, with its own file', at });
  }
  if (perPromptAndModel(frozen) > 1) {
    const message = `a prompt brings one completion of ${given.join(', ')}, and ${perPromptAndModel(frozen)} are asked for`;
    const hint = 'leave out variants and completions_per_prompt, or start a round of its own for what is given';
    problems.push({ kind: 'given-once', message, hint, at });
  }
  return problems;
}

export function drawNotices(plan: RoundPlan, survey: Survey): string[] {
  const clusters = clusterNote({ ...plan.frozen, prompts: { sample: survey.drawn } });
  return [...shareNotices(plan, survey), ...strataNotices(plan, survey), ...(clusters ? [clusters] : [])];
}

function shareNotices({ share, prompts }: RoundPlan, { drawn, seeded }: Survey): string[] {
  if (typeof share !== 'number' || seeded) return [];
  return [`${percent(share)} of ${prompts.size} prompts are about ${drawn}: the seed decides how many`];
}

function strataNotices({ strata, sample }: RoundPlan, survey: Survey): string[] {
  if (!strata) return [];
  const { field, allocation } = strata;
  const named = ({ stratum }: StratumDraw) => nameOfStratum(stratum, field);
  const notices: string[] = [];
  const empty = survey.strata.filter(({ drawn }) => drawn === 0).map(named);
  if (empty.length > 0) notices.push(`nothing is drawn of ${listOf(empty)}: too small for so few prompts`);
  if (allocation === 'equal' && sample !== null) {
    const part = Math.floor(sample / survey.strata.length);
    const small = survey.strata.filter(({ size, drawn }) => drawn === size && size < part);
    if (small.length > 0) {
      const sizes = listOf(small.map((one) => `${named(one)} has ${one.size}`));
      notices.push(`smaller than an equal part of ${part}: ${sizes}; the other strata give what is missing`);
    }
    if (isOtherMix(survey.strata)) {
      notices.push(
        `strata of ${field} are drawn alike: rates over all of them are of this mix, not of the set as it is; read them by stratum`,
      );
    }
  }
  return notices;
}

function isOtherMix(strata: readonly StratumDraw[]): boolean {
  const n = strata.reduce((sum, { drawn }) => sum + drawn, 0);
  const asInSet = new Map(allocated(strata, n, 'proportional').map(({ stratum, drawn }) => [stratum, drawn]));
  return strata.some(({ stratum, drawn }) => asInSet.get(stratum) !== drawn);
}

function listOf(names: readonly string[]): string {
  return names.length > SHOWN
    ? `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`
    : names.join(', ');
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(9))}%`;
}
