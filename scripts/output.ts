/** What a command says: with `--json` stdout carries only JSON lines; everything else goes to stderr. */
import type { Problem } from '../domain/problems';
import type { Failure } from './failures';

export class Output {
  constructor(readonly json: boolean) {}

  /** The command's result: one line of JSON, or what people read. */
  record(record: object, human: string): void {
    process.stdout.write(this.json ? `${JSON.stringify(record)}\n` : `${human}\n`);
  }

  /** A list: a line of JSON for each record, or what people read. */
  records(records: readonly object[], human: string): void {
    if (!this.json) process.stdout.write(`${human}\n`);
    else for (const record of records) this.record(record, '');
  }

  /** Something beside the result. */
  note(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  fail({ problems, total, details }: Failure): void {
    if (this.json) process.stdout.write(`${JSON.stringify({ error: errorRecord(problems, total) })}\n`);
    else for (const line of errorLines(problems, total)) this.note(line);
    if (details && process.env.PLUMBLINE_DEBUG === '1') this.note(details);
  }
}

/** One object however many problems there are: the first speaks for all, and all are listed. */
function errorRecord(problems: readonly [Problem, ...Problem[]], total: number) {
  const [{ kind, message, hint = null, at = null }] = problems;
  if (total === 1) return { kind, message, hint, at };
  return { kind, message: `${total} problems, the first: ${message}`, hint, at, total, problems };
}

function errorLines(problems: readonly Problem[], total: number): string[] {
  const lines = problems.flatMap(({ message, hint, at }) => [
    `plumbline: ${at ? `${at}: ` : ''}${message}`,
    ...(hint ? [`  ${hint}`] : []),
  ]);
  const unlisted = total - problems.length;
  return unlisted > 0 ? [...lines, `plumbline: and ${unlisted} more like these`] : lines;
}

/** Rows under headings, as wide as their widest cells. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, i) => Math.max(heading.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [headings, ...rows].map(line).join('\n');
}

/** "1 item", "3 items". */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
