/** What was measured beside its goals: as a table, and as an exit code. */

/** A figure that is held if it is no less than the one and no more than the other. */
export interface Goal {
  figure: number;
  least?: number;
  most?: number;
}

export interface Row {
  what: string;
  /** The figures, for people. */
  shown: string;
  goals?: readonly Goal[];
  /** Of the goals. */
  unit?: string;
  /** What others were measured at. */
  beside?: string;
}

export interface Missed {
  what: string;
  /** null where nothing was measured. */
  figure: number | null;
  goal: string;
}

/** In Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const cellsOf = ({ what, shown, goals = [], unit = '', beside = '' }: Row) => {
    const goal = [...new Set(goals.map((one) => goalText(one, unit)))].join('; ');
    return [what, goals.every(isHeld) ? shown : `${shown} (missed)`, goal, beside];
  };
  const headings = ['measured', 'figure', 'goal', 'beside'];
  return [headings, headings.map(() => '---'), ...rows.map(cellsOf)].map(line).join('\n');
}

export function missedOf(rows: readonly Row[]): Missed[] {
  return rows.flatMap(({ what, goals = [], unit = '' }) =>
    goals
      .filter((goal) => !isHeld(goal))
      .map((goal) => ({
        what,
        figure: Number.isFinite(goal.figure) ? goal.figure : null,
        goal: goalText(goal, unit),
      })),
  );
}

/** Prints the table, or in JSON what was missed; a goal that is missed makes the bench fail. */
export function conclude(rows: readonly Row[], json: true | undefined): void {
  const missed = missedOf(rows);
  process.stdout.write(json ? `${JSON.stringify({ measured: 'goals', missed })}\n` : `${tableOf(rows)}\n`);
  if (missed.length > 0) process.exitCode = 1;
}

/** What was not measured is not held. */
function isHeld({ figure, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY }: Goal): boolean {
  return figure >= least && figure <= most;
}

function goalText({ least, most }: Goal, unit: string): string {
  const of = (n: number) => `${n.toLocaleString('en')}${unit && ` ${unit}`}`;
  if (least === undefined) return most === undefined ? '' : most === 0 ? '0' : `≤ ${of(most)}`;
  return `≥ ${of(least)}`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = low] =
    sorted.length % 2 === 1 ? [sorted[middle]] : [sorted[middle - 1], sorted[middle]];
  return (low + high) / 2;
}
