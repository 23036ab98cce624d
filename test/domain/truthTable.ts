/** The derivation as tables to read: every case is asked of the real functions, then rows that say the same are merged. */
import { ABILITIES, type Ability, type Finding, findingOf, judge, TELLS_WHAT_IS_WANTED } from '../../domain/derivation';
import {
  AnswersError,
  DIFFICULTIES,
  type Fault,
  FORBIDDEN,
  INTENTS,
  type MisalignmentAnswers,
  MOST_FAULTS,
  readAnswers,
  type Vocabulary,
  WISHES,
} from '../../domain/forms';

export interface Column {
  name: string;
  values: readonly string[];
}
/** One combination, a value for each column, and what follows from it. */
export interface Case {
  given: readonly string[];
  outcome: string;
}
/** The combinations of any of these values, column by column. */
export interface Row {
  given: readonly (readonly string[])[];
  outcome: string;
}
export interface Table {
  columns: readonly Column[];
  heading: string;
  cases: readonly Case[];
}

const NONE_FITS = 'none fits';
const [FAULT, TELLS] = ['fault', 'tells what is wanted'];

/** Every fault × what is known of the model → its finding. */
export function faultTable(): Table {
  const columns: Column[] = [
    { name: FAULT, values: ['other', 'forbidden'] },
    { name: 'ability', values: [...ABILITIES, NONE_FITS] },
    { name: TELLS, values: ABILITIES },
    { name: 'wish', values: WISHES },
    { name: 'difficulty', values: DIFFICULTIES },
  ];
  const cases = (['other', 'forbidden'] as const).flatMap((which) =>
    [...ABILITIES, null].flatMap((ability) =>
      ABILITIES.flatMap((tells) =>
        WISHES.flatMap((wish) =>
          DIFFICULTIES.map((difficulty): Case => {
            const kind = which === 'other' ? 'low-quality' : which;
            const fault: Fault = { kind, entry: ability && 'entry', difficulty, wish };
            const abilityOf = (asked: string): Ability =>
              asked === TELLS_WHAT_IS_WANTED ? tells : (ability ?? 'unknown');
            return {
              given: [which, ability ?? NONE_FITS, tells, wish, difficulty],
              outcome: said(findingOf(fault, abilityOf)),
            };
          }),
        ),
      ),
    ),
  );
  return { columns, heading: 'the fault is', cases };
}

function said(finding: Finding): string {
  return finding.kind === 'open' ? `open: ${finding.cause}` : finding.kind;
}

/** In the order in which findings count. */
const FINDINGS = ['avoidable', 'open: capability-unknown', 'open: intent-unclear', 'open: hard-case', 'unavoidable'];
const NO_FAULT = 'no fault';

const KNOWN: { [entry: string]: Ability } = {
  can: 'capable',
  cannot: 'not-capable',
  [TELLS_WHAT_IS_WANTED]: 'capable',
};
const abilityOf = (entry: string): Ability => KNOWN[entry] ?? 'unknown';
const WORDS: Vocabulary = {
  clauses: [{ id: 'clause', title: 'A clause' }],
  entries: ['can', 'cannot', 'unknown'].map((id) => ({ id, title: id, kinds: ['forbidden', 'low-quality'] })),
};
/** One fault for each finding that there can be. */
const FAULTS: Fault[] = (['can', 'cannot', 'unknown'] as const).flatMap((entry) => [
  { kind: 'forbidden' as const, entry, difficulty: 'ordinary' as const },
  { kind: 'low-quality' as const, entry, difficulty: 'ordinary' as const, wish: 'plain' as const },
]);
FAULTS.push(
  { kind: 'forbidden', entry: 'can', difficulty: 'hard' },
  { kind: 'low-quality', entry: 'can', difficulty: 'hard', wish: 'plain' },
  { kind: 'low-quality', entry: 'can', difficulty: 'ordinary', wish: 'not-plain' },
);

/** All valid answers with these faults, in any order and number → class and reason. */
export function labelTable(): Table {
  const columns: Column[] = [
    { name: 'forbidden', values: FORBIDDEN },
    { name: 'intent', values: INTENTS },
    { name: 'first finding', values: [...FINDINGS, NO_FAULT] },
  ];
  const lists: Fault[][] = [[]];
  for (const list of lists) if (list.length < MOST_FAULTS) lists.push(...FAULTS.map((fault) => [...list, fault]));
  const cases = FORBIDDEN.flatMap((forbidden) =>
    INTENTS.flatMap((intent) =>
      lists.flatMap((faults): Case[] => {
        const answers = { forbidden, ...(forbidden === 'yes' && { clause: 'clause' }), intent, faults };
        return isValid(answers)
          ? [{ given: [forbidden, intent, firstFinding(faults)], outcome: classOf(answers) }]
          : [];
      }),
    ),
  );
  return { columns, heading: 'the label is', cases };
}

function isValid(answers: MisalignmentAnswers): boolean {
  try {
    readAnswers('obvious-misalignment', answers, WORDS);
    return true;
  } catch (error) {
    if (error instanceof AnswersError) return false;
    throw error;
  }
}

function firstFinding(faults: readonly Fault[]): string {
  const found = faults.map((fault) => said(findingOf(fault, abilityOf)));
  return FINDINGS.find((finding) => found.includes(finding)) ?? NO_FAULT;
}

function classOf(answers: MisalignmentAnswers): string {
  const { verdict, reason } = judge(answers, abilityOf);
  const avoidable = answers.faults.find((fault) => findingOf(fault, abilityOf).kind === 'avoidable');
  return `${verdict}: ${avoidable && reason === avoidable.kind ? 'kind of the first avoidable fault' : reason}`;
}

/** Rows that together have every case once. Values after which the rest says the same share a row; so do impossible ones. */
export function merged({ columns, cases }: Pick<Table, 'columns' | 'cases'>): Row[] {
  const [column, ...rest] = columns;
  const [first] = cases;
  if (!first) return [];
  if (!column) return [{ given: [], outcome: first.outcome }];
  const groups: { values: string[]; cases: Case[] }[] = [];
  const impossible: string[] = [];
  for (const value of column.values) {
    const after = cases
      .filter(({ given }) => given[0] === value)
      .map(({ given, outcome }) => ({ given: given.slice(1), outcome }));
    const same = groups.find((group) => agree([...group.cases, ...after]));
    if (after.length === 0) impossible.push(value);
    else if (same) {
      same.values.push(value);
      same.cases.push(...after);
    } else groups.push({ values: [value], cases: after });
  }
  groups.toSorted((a, b) => b.values.length - a.values.length)[0]?.values.push(...impossible);
  return groups.flatMap(({ values, cases: own }) =>
    merged({ columns: rest, cases: own }).map(({ given, outcome }) => ({ given: [values, ...given], outcome })),
  );
}

/** No combination has two outcomes. */
export function agree(cases: readonly Case[]): boolean {
  const outcomes = new Map<string, string>();
  return cases.every(({ given, outcome }) => {
    const key = given.join('|');
    const earlier = outcomes.get(key) ?? outcome;
    outcomes.set(key, outcome);
    return earlier === outcome;
  });
}

export function covers(row: Row, { given }: Case): boolean {
  return row.given.every((values, i) => values.includes(given[i] ?? ''));
}

/** As Markdown. */
export function printed(table: Table): string {
  const line = (fields: readonly string[]) => `| ${fields.join(' | ')} |`;
  return [
    line([...table.columns.map(({ name }) => name), `→ ${table.heading}`]),
    line([...table.columns, table].map(() => '---')),
    ...merged(table).map(({ given, outcome }) =>
      line([...given.map((values, i) => inWords(values, table.columns[i])), outcome]),
    ),
  ].join('\n');
}

function inWords(values: readonly string[], column: Column | undefined): string {
  const others = column?.values.filter((value) => !values.includes(value)) ?? [];
  if (others.length === 0) return 'any';
  const [other] = others;
  return others.length === 1 && values.length > 2 ? `any but ${other}` : values.join(' or ');
}
