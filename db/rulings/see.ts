/**
 * An item as a researcher is shown it: what a labeller sees, and only after the researcher's own blind ruling the labels and
 * what others ruled.
 */
import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import type { Judgment } from '../../domain/derivation';
import type { Answers } from '../../domain/forms';
import type { ItemId, LabelId, PersonId, RoundId } from '../../domain/ids';
import { type Judge, judgeOf } from '../../domain/judging';
import type { Stage } from '../../domain/rulings';
import type { ItemState } from '../../domain/states';
import { recordAct } from '../audit';
import type { Db, Tx } from '../connection';
import { judgingGround } from '../judging';
import { readServed, type Served } from '../labelling/served';
import { readRound } from '../rounds/read';
import { items, labels, people, rulings } from '../schema';
import { readShownTexts } from '../texts';

export interface SeenLabel {
  labelId: LabelId;
  labeller: string;
  answers: Answers;
  /** What the answers come to. */
  judgment: Judgment;
  unsure: boolean;
  note: string | null;
  at: Date;
}
export interface SeenRuling {
  researcher: string;
  own: boolean;
  stage: Stage;
  answers: Answers;
  judgment: Judgment;
  why: string | null;
  at: Date;
}
export interface SeenItem {
  itemId: ItemId;
  roundId: RoundId;
  state: ItemState;
  served: Served;
  /** One's own, and after the blind one the others' too; oldest first. */
  rulings: SeenRuling[];
  /** Counted ones, oldest first; null before one's own blind ruling. */
  labels: SeenLabel[] | null;
}
export type SeeResult = ({ kind: 'seen' } & SeenItem) | { kind: 'quarantined' | 'redacted' | 'no-completion' };

/** That somebody saw the labels is recorded with their being read. @throws Error for an id that no item has. */
export function seeItem(db: Db, itemId: ItemId, researcherId: PersonId): Promise<SeeResult> {
  return db.transaction(async (tx) => {
    const [item] = await tx
      .select({
        roundId: items.roundId,
        state: items.state,
        modelId: items.modelId,
        hasCompletion: sql<boolean>`${items.completionHash} is not null`,
        redacted: sql<boolean>`${items.redactedAt} is not null`,
      })
      .from(items)
      .where(eq(items.id, itemId));
    if (!item) throw new Error(`no item ${itemId}`);
    const { roundId, state, modelId, hasCompletion, redacted } = item;
    if (redacted) return { kind: 'redacted' };
    const served = await readServed(tx, itemId);
    if (!served) return { kind: 'quarantined' };
    if (!hasCompletion) return { kind: 'no-completion' };
    const judge = judgeOf(await judgingGround(tx, await readRound(tx, roundId)));
    const judgeThis = (answers: Answers) => judge(modelId, answers);
    const given = await rulingsSeen(tx, itemId, researcherId, judgeThis);
    const seen = { kind: 'seen' as const, itemId, roundId, state, served };
    const own = given.filter((ruling) => ruling.own);
    if (!own.some(({ stage }) => stage === 'blind')) return { ...seen, rulings: own, labels: null };
    await recordAct(tx, { actor: researcherId, action: 'ruling.see-labels', subject: itemId, roundId });
    return { ...seen, rulings: given, labels: await labelsSeen(tx, itemId, judgeThis) };
  });
}

type JudgeThis = (answers: Parameters<Judge>[1]) => Judgment;

async function rulingsSeen(tx: Tx, itemId: ItemId, researcherId: PersonId, judge: JudgeThis): Promise<SeenRuling[]> {
  const rows = await tx
    .select({ ruling: rulings, researcher: people.name })
    .from(rulings)
    .innerJoin(people, eq(people.id, rulings.researcherId))
    .where(eq(rulings.itemId, itemId))
    .orderBy(asc(rulings.ruledAt), asc(rulings.id));
  const texts = await readShownTexts(
    tx,
    rows.flatMap(({ ruling }) => ruling.whyHash ?? []),
  );
  return rows.map(({ ruling, researcher }) => ({
    researcher,
    own: ruling.researcherId === researcherId,
    stage: ruling.stage,
    answers: ruling.answers,
    judgment: judge(ruling.answers),
    why: textOf(texts, ruling.whyHash),
    at: ruling.ruledAt,
  }));
}

async function labelsSeen(tx: Tx, itemId: ItemId, judge: JudgeThis): Promise<SeenLabel[]> {
  const rows = await tx
    .select({ label: labels, labeller: people.name })
    .from(labels)
    .innerJoin(people, eq(people.id, labels.labellerId))
    .where(and(eq(labels.itemId, itemId), isNull(labels.withdrawnAt)))
    .orderBy(asc(labels.submittedAt), asc(labels.id));
  const texts = await readShownTexts(
    tx,
    rows.flatMap(({ label }) => label.noteHash ?? []),
  );
  return rows.map(({ label, labeller }) => ({
    labelId: label.id,
    labeller,
    answers: label.answers,
    judgment: judge(label.answers),
    unsure: label.unsure,
    note: textOf(texts, label.noteHash),
    at: label.submittedAt,
  }));
}

function textOf(texts: ReadonlyMap<string, string>, hash: string | null): string | null {
  return hash === null ? null : (texts.get(hash) ?? null);
}
