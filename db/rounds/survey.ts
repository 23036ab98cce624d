/** What a plan's draw comes to, and what its prompts run into: its prompts are looked through once, before anything is written. */
import { and, eq } from 'drizzle-orm';
import type { ManualHash } from '../../domain/ids';
import type { Problem } from '../../domain/problems';
import type { NewPrompt, PromptSource } from '../../domain/prompts';
import { type Drawable, drawing } from '../../domain/sampling';
import type { Purpose } from '../../domain/states';
import { unhurried } from '../../domain/steps';
import { allocated, type StratumDraw, sizesOf, stratumOf } from '../../domain/strata';
import type { Tx } from '../connection';
import { readManual } from '../manuals/read';
import { purposeOfSet } from '../prompts';
import { rounds } from '../schema';
import { Crossing, Said } from '../wall';
import { promptsOfSet } from './sample';
import type { RoundPlan } from './start';

export interface Survey {
  /** Prompts that are drawn. */
  drawn: number;
  /** Whether the seed is known; if not, what a share draws, and which prompts are drawn, is what is to be expected. */
  seeded: boolean;
  /** Of the whole set, by the strata's field; empty where the draw has none. */
  strata: StratumDraw[];
  /** Of the drawn prompts: each distinct list of requirements. */
  requirements: PromptSource['requirements'];
  /** What the wall between develop and measure says. */
  wall: Problem[];
}

interface Candidate extends Drawable {
  requirements: readonly string[];
}

/** @param seed null: not known yet. @param manual by which the round is judged. */
export async function surveyOf(
  tx: Tx,
  plan: RoundPlan,
  { seed, manual }: { seed: string | null; manual: ManualHash | null },
): Promise<Survey> {
  const known = await purposeOfSet(tx, plan.prompts.hash);
  const crossing = await crossingOf(tx, plan, manual, known);
  const choosy = isChoosy(plan);
  const field = plan.strata?.field;
  const unread = choosy && known === undefined;
  const candidates: Candidate[] = choosy && !unread ? await promptsOfSet(tx, plan.prompts.hash, field) : [];
  if (unread || !crossing.isOpen) {
    for await (const prompt of plan.prompts.prompts()) {
      crossing.look(prompt);
      if (unread) candidates.push(candidateOf(prompt, field));
    }
  }
  const found = choosy ? await drawOf(plan, candidates, seed) : wholeOf(plan);
  return { ...found, seeded: seed !== null, wall: crossing.problems() };
}

function candidateOf({ externalId, requirements, metadata }: NewPrompt, field: string | undefined): Candidate {
  return { externalId, requirements, stratum: field === undefined ? null : stratumOf(metadata?.[field]) };
}

/** Whether it depends on the prompts themselves what is drawn, or what is asked of the drawn ones. */
function isChoosy({ sample, share, strata, prompts }: RoundPlan): boolean {
  if (typeof share === 'number' || strata) return true;
  return sample !== null && sample < prompts.size && prompts.requirements.length > 0;
}

function wholeOf({ sample, prompts }: RoundPlan) {
  return { drawn: sample ?? prompts.size, strata: [], requirements: prompts.requirements };
}

async function drawOf(plan: RoundPlan, candidates: readonly Candidate[], seed: string | null) {
  const { sample, share, strata } = plan;
  // Another seed draws others, but about as many of each kind.
  const drawn = await unhurried(drawing(candidates, { sample, share, strata }, seed ?? ''));
  const expected = typeof share === 'number' && seed === null;
  return {
    drawn: expected ? Math.round(share * candidates.length) : drawn.length,
    strata: strata ? strataOf(candidates, drawn) : [],
    requirements: requirementsOf(plan.prompts, drawn),
  };
}

function requirementsOf(source: PromptSource, drawn: readonly Candidate[]): PromptSource['requirements'] {
  const asking = new Map<string, number>();
  for (const { requirements } of drawn) {
    const list = requirements.join('\n');
    asking.set(list, (asking.get(list) ?? 0) + 1);
  }
  return source.requirements
    .map(({ requirements }) => ({ requirements, prompts: asking.get(requirements.join('\n')) ?? 0 }))
    .filter(({ prompts }) => prompts > 0);
}

function strataOf(candidates: readonly Candidate[], drawn: readonly Candidate[]): StratumDraw[] {
  const sizes = new Map(sizesOf(drawn).map(({ stratum, size }) => [stratum, size]));
  const whole = allocated(sizesOf(candidates), candidates.length, 'proportional');
  return whole.map(({ stratum, size }) => ({ stratum, size, drawn: sizes.get(stratum) ?? 0 }));
}

/** A set that has stood where it is in a round before goes on standing there, and so does one with this manual. */
async function crossingOf(
  tx: Tx,
  plan: RoundPlan,
  manualHash: ManualHash | null,
  known: Purpose | undefined,
): Promise<Crossing> {
  const { purpose, prompts } = plan;
  const manual = manualHash === null ? null : await readManual(tx, manualHash);
  const name = manual ? `${manual.manual.name}@${manual.revision}` : '';
  if (known !== undefined && known !== purpose) return new Crossing(purpose, new Said(), { name, examples: [] });
  const other = (await wasUsed(tx, prompts.hash))
    ? new Said()
    : await Said.by(tx, purpose === 'measure' ? 'develop' : 'measure');
  const looksAt = manual && purpose === 'measure' && !(await wasUsed(tx, prompts.hash, manual.hash));
  return new Crossing(purpose, other, { name, examples: looksAt ? manual.manual.examples : [] });
}

async function wasUsed(tx: Tx, setHash: string, manual?: ManualHash): Promise<boolean> {
  const [round] = await tx
    .select({ id: rounds.id })
    .from(rounds)
    .where(and(eq(rounds.promptSetHash, setHash), manual === undefined ? undefined : eq(rounds.manualRevision, manual)))
    .limit(1);
  return round !== undefined;
}
