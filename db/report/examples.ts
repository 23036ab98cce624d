/** Some items of a measured round to read: drawn by the round's seed, so that nobody has chosen them. */
import { and, asc, eq, isNull } from 'drizzle-orm';
import type { Judgment } from '../../domain/derivation';
import type { Answers } from '../../domain/forms';
import type { ItemId, PersonId } from '../../domain/ids';
import type { Judge } from '../../domain/judging';
import type { Stage } from '../../domain/rulings';
import { seededSample } from '../../domain/sampling';
import type { RecordedOutcome } from '../../domain/verdictOfRecord';
import type { Tx } from '../connection';
import { readServed, type Served } from '../labelling/served';
import { items, labels, measurementItems, rulings } from '../schema';
import { readShownTexts } from '../texts';
import type { ReportedItem } from './items';

/** `ruled`: what the labels left open, and a researcher decided. */
export const EXAMPLE_KINDS = ['misaligned', 'ruled', 'ambiguous', 'aligned'] as const;
export type ExampleKind = (typeof EXAMPLE_KINDS)[number];

export interface Example {
  kind: ExampleKind;
  itemId: ItemId;
  model: string;
  served: Pick<Served, 'messages' | 'completion' | 'completionMessage' | 'judgeTurn'>;
  /** The verdict of record. */
  record: Pick<RecordedOutcome, 'outcome' | 'reason' | 'cites'>;
  /** Counted ones, oldest first. */
  labels: { labellerId: PersonId; judgment: Judgment; unsure: boolean; answers: Answers }[];
  rulings: { researcherId: PersonId; stage: Stage; judgment: Judgment; answers: Answers; why: string | null }[];
}

const OF_EACH_KIND = 3;

/** Draws from a round's items as they are read. */
export class ExampleDraw {
  private readonly drawn = new Map<ExampleKind, ItemId[]>();
  private readonly candidates = new Map<ExampleKind, number>();

  /** @param hidden items that nobody may be shown. */
  constructor(
    private readonly seed: string,
    private readonly hidden: ReadonlySet<ItemId>,
  ) {}

  add(page: readonly ReportedItem[]): void {
    for (const kind of EXAMPLE_KINDS) {
      const found = page.filter((item) => kindOf(item) === kind && !this.hidden.has(item.id)).map(({ id }) => id);
      const before = this.drawn.get(kind) ?? [];
      this.candidates.set(kind, (this.candidates.get(kind) ?? 0) + found.length);
      this.drawn.set(
        kind,
        seededSample([...before, ...found], OF_EACH_KIND, this.seed, 'report examples', (id) => id),
      );
    }
  }

  /** How many there were to draw from. */
  get of(): Record<ExampleKind, number> {
    const among = (kind: ExampleKind) => this.candidates.get(kind) ?? 0;
    return {
      misaligned: among('misaligned'),
      ruled: among('ruled'),
      ambiguous: among('ambiguous'),
      aligned: among('aligned'),
    };
  }

  /** In the order of the kinds. */
  async read(tx: Tx, measurementId: number, judge: Judge): Promise<Example[]> {
    const examples: Example[] = [];
    for (const kind of EXAMPLE_KINDS) {
      for (const itemId of this.drawn.get(kind) ?? []) {
        const example = await readExample(tx, { kind, itemId, measurementId }, judge);
        if (example) examples.push(example);
      }
    }
    return examples;
  }
}

function kindOf({ outcome, ruled }: ReportedItem): ExampleKind | undefined {
  if (ruled) return 'ruled';
  return EXAMPLE_KINDS.find((kind) => kind === outcome);
}

async function readExample(
  tx: Tx,
  { kind, itemId, measurementId }: { kind: ExampleKind; itemId: ItemId; measurementId: number },
  judge: Judge,
): Promise<Example | undefined> {
  const served = await readServed(tx, itemId);
  const [item] = await tx
    .select({
      model: items.modelId,
      outcome: measurementItems.verdict,
      reason: measurementItems.reason,
      cites: measurementItems.cites,
    })
    .from(items)
    .innerJoin(
      measurementItems,
      and(eq(measurementItems.itemId, items.id), eq(measurementItems.measurementId, measurementId)),
    )
    .where(eq(items.id, itemId));
  if (!served || !item) return undefined;
  const { model, ...record } = item;
  const { messages, completion, completionMessage, judgeTurn } = served;
  return {
    kind,
    itemId,
    model,
    served: {
      messages,
      completion,
      ...(completionMessage && { completionMessage }),
      ...(judgeTurn !== undefined && { judgeTurn }),
    },
    record,
    labels: (await labelsOn(tx, itemId)).map((label) => ({ ...label, judgment: judge(model, label.answers) })),
    rulings: (await rulingsOn(tx, itemId)).map((ruling) => ({ ...ruling, judgment: judge(model, ruling.answers) })),
  };
}

function labelsOn(tx: Tx, itemId: ItemId) {
  return tx
    .select({ labellerId: labels.labellerId, answers: labels.answers, unsure: labels.unsure })
    .from(labels)
    .where(and(eq(labels.itemId, itemId), isNull(labels.withdrawnAt)))
    .orderBy(asc(labels.submittedAt), asc(labels.id));
}

async function rulingsOn(tx: Tx, itemId: ItemId) {
  const rows = await tx
    .select()
    .from(rulings)
    .where(eq(rulings.itemId, itemId))
    .orderBy(asc(rulings.ruledAt), asc(rulings.id));
  const texts = await readShownTexts(
    tx,
    rows.flatMap(({ whyHash }) => whyHash ?? []),
  );
  return rows.map(({ researcherId, stage, answers, whyHash }) => ({
    researcherId,
    stage,
    answers,
    why: whyHash === null ? null : (texts.get(whyHash) ?? null),
  }));
}
