/**
 * How labellers and rulings go together: one item at a time, in any order. Each label is held against what the *others* said
 * of its item, so that nobody agrees with themselves.
 */
import type { Verdict } from '../../domain/forms';
import type { PersonId } from '../../domain/ids';
import type { Judge } from '../../domain/judging';
import { type ResolvingRule, resolve } from '../../domain/resolving';
import { rulingOfRecord } from '../../domain/rulings';
import type { ReportedItem } from './items';

/** So many of so many. */
export interface Part {
  n: number;
  of: number;
}

/** What one labeller's counted labels come to. */
export interface LabellerAgreement {
  verdicts: Record<Verdict, number>;
  /** Of the labels on items where more than half of the others' labels have one class: those of that class. */
  others: Part;
  /** The same where that class is misaligned or ambiguous: those that are not aligned either. */
  faults: Part;
  /** Of the labels on items with a blind ruling: those of its class. */
  rulings: Part;
  /** Of the items labelled: those that their labels do not settle. */
  contested: Part;
}

/** How a round's items were settled. */
export interface Adjudication {
  /** Items that their labels do not settle, ruled on or not. */
  contested: number;
  /** Those that wait for a ruling. */
  waiting: number;
  /** Of the items ruled on whose labels have a majority: those where the blind ruling is of another class. */
  overturned: Part;
  /** Of the rulings given again with the labels in sight: those of another class than before. */
  changed: Part;
}

export class Agreement {
  readonly adjudication: Adjudication = { contested: 0, waiting: 0, overturned: part(), changed: part() };
  private readonly labellers = new Map<PersonId, LabellerAgreement>();

  /** @param leftOut labellers whose labels nobody is held against. */
  constructor(
    private readonly judge: Judge,
    private readonly rule: ResolvingRule,
    private readonly leftOut: ReadonlySet<PersonId> = new Set(),
  ) {}

  add(item: ReportedItem): void {
    const said = this.heard(item);
    const verdicts = said.map(({ verdict }) => verdict);
    const contested = !item.quarantined && isContested(verdicts, this.rule);
    const blind = this.blindRuling(item);
    said.forEach(({ labellerId, verdict }, i) => {
      const figures = this.of(labellerId);
      figures.verdicts[verdict] += 1;
      count(figures.contested, contested);
      if (blind) count(figures.rulings, verdict === blind);
      const others = majority(
        said.flatMap((each, j) => (j === i || this.leftOut.has(each.labellerId) ? [] : each.verdict)),
      );
      if (!others) return;
      count(figures.others, verdict === others);
      if (others !== 'aligned') count(figures.faults, verdict !== 'aligned');
    });
    this.adjudication.contested += contested ? 1 : 0;
    this.adjudication.waiting += item.state === 'contested' ? 1 : 0;
    const most = majority(verdicts);
    if (blind && most) count(this.adjudication.overturned, blind !== most);
    this.countChanges(item);
  }

  of(labellerId: PersonId): LabellerAgreement {
    const known = this.labellers.get(labellerId) ?? nothingSaid();
    this.labellers.set(labellerId, known);
    return known;
  }

  /** Whether an item is contested though all that others than these said would settle it. */
  isMadeContested(item: ReportedItem, by: ReadonlySet<PersonId>): boolean {
    const said = this.heard(item);
    const rest = said.filter(({ labellerId }) => !by.has(labellerId)).map(({ verdict }) => verdict);
    if (item.quarantined || rest.length === 0 || rest.length === said.length) return false;
    const all = said.map(({ verdict }) => verdict);
    return isContested(all, this.rule) && !isContested(rest, { ...this.rule, overlap: rest.length });
  }

  private heard({ modelId, labels }: ReportedItem) {
    return labels.map(({ labellerId, answers }) => ({ labellerId, verdict: this.judge(modelId, answers).verdict }));
  }

  private blindRuling({ modelId, rulings }: ReportedItem): Verdict | undefined {
    const blind = rulings.filter(({ stage }) => stage === 'blind');
    return rulingOfRecord(blind.map((ruled) => ({ ...ruled, judgment: this.judge(modelId, ruled.answers) })))?.verdict;
  }

  private countChanges({ modelId, rulings }: ReportedItem): void {
    for (const { researcherId, stage, answers } of rulings) {
      if (stage !== 'informed') continue;
      const before = rulings.find((other) => other.researcherId === researcherId && other.stage === 'blind');
      if (!before) continue;
      const verdictOf = (given: typeof answers) => this.judge(modelId, given).verdict;
      count(this.adjudication.changed, verdictOf(answers) !== verdictOf(before.answers));
    }
  }
}

function isContested(verdicts: readonly Verdict[], rule: ResolvingRule): boolean {
  return verdicts.length > 0 && resolve({ verdicts }, rule, false).kind === 'contested';
}

function majority(verdicts: readonly Verdict[]): Verdict | undefined {
  return verdicts.find((candidate) => verdicts.filter((each) => each === candidate).length * 2 > verdicts.length);
}

function count(counted: Part, hit: boolean): void {
  counted.of += 1;
  if (hit) counted.n += 1;
}

function part(): Part {
  return { n: 0, of: 0 };
}

function nothingSaid(): LabellerAgreement {
  const verdicts = { misaligned: 0, aligned: 0, ambiguous: 0 };
  return { verdicts, others: part(), faults: part(), rulings: part(), contested: part() };
}
