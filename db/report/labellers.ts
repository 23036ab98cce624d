/** A round's labellers: what they did, how far they agree, and who stands out. */
import type { PersonId } from '../../domain/ids';
import type { Judge } from '../../domain/judging';
import type { Tx } from '../connection';
import type { RoundRow } from '../rounds/read';
import { type Adjudication, Agreement, type LabellerAgreement } from './agreement';
import { FEWEST_LABELS, type LabellerFigures, type Sign, signsOf, type Usual, usualOf } from './careless';
import type { ExampleDraw } from './examples';
import { type ReportedItem, reportedItems } from './items';
import { type LabellerWork, labellerWork } from './work';

export interface ReportedLabeller extends LabellerFigures {
  /** Why this labeller stands out; empty for all others. */
  signs: Sign[];
}

export interface LabellersSeen {
  /** By id. */
  labellers: ReportedLabeller[];
  usual: Usual;
  /** Items that are contested though all that other labellers said would have settled them. */
  madeContested: number;
  adjudication: Adjudication;
}

/**
 * Reads the items once. Where somebody stands out it reads them again, and holds everybody against the labels of the others
 * only: who had to share items with those who answer at random would else seem to be one of them.
 */
export async function lookAtLabellers(
  tx: Tx,
  round: RoundRow,
  judge: Judge,
  draw: Pick<ExampleDraw, 'add'>,
): Promise<LabellersSeen> {
  const work = await labellerWork(tx, round.id);
  const { resolving } = round.spec;
  const first = new Agreement(judge, resolving);
  await eachPage(tx, round, (page) => {
    for (const item of page) first.add(item);
    draw.add(page);
  });
  const { adjudication } = first;
  const seen = assess(work, (id) => first.of(id));
  const suspects = standingOut(seen.labellers);
  if (suspects.size === 0) return { ...seen, madeContested: 0, adjudication };

  const second = new Agreement(judge, resolving, suspects);
  await eachPage(tx, round, (page) => {
    for (const item of page) second.add(item);
  });
  const looked = assess(work, (id) => fuller(first.of(id), second.of(id)));
  const out = standingOut(looked.labellers);
  let madeContested = 0;
  await eachPage(tx, round, (page) => {
    madeContested += page.filter((item) => first.isMadeContested(item, out)).length;
  });
  return { ...looked, madeContested, adjudication };
}

/** What is known without the suspects; where that is too little, all there is. */
function fuller(first: LabellerAgreement, second: LabellerAgreement): LabellerAgreement {
  return second.others.of >= FEWEST_LABELS ? second : first;
}

function assess(work: readonly LabellerWork[], agreementOf: (id: PersonId) => LabellerAgreement) {
  const figures = work.map((each) => ({ ...each, ...agreementOf(each.labellerId) }));
  const usual = usualOf(figures);
  return { labellers: figures.map((each) => ({ ...each, signs: signsOf(each, usual) })), usual };
}

function standingOut(labellers: readonly ReportedLabeller[]): Set<PersonId> {
  return new Set(labellers.filter(({ signs }) => signs.length > 0).map(({ labellerId }) => labellerId));
}

async function eachPage(tx: Tx, round: RoundRow, look: (page: readonly ReportedItem[]) => void): Promise<void> {
  for await (const page of reportedItems(tx, round.id, round.measurementId)) look(page);
}
