/** Where a round stands, shown: lines written over in a terminal, else a line whenever something has changed. */
import { type RoundStanding, withoutClocks } from '../../db/rounds/standing';
import type { PersonId } from '../../domain/ids';
import { harmlessLine } from '../harmless';
import { beside, widthOf, wrap } from '../labelling/wrap';
import type { Output } from '../output';
import { hasEnded, needsOf } from './needs';
import { type RatesPerSecond, secondsLeft } from './rates';
import { accountLines, headOf, type Phase, phasesOf, withoutBar } from './standing';
import { type Beside, inLine, type Names, type Trouble, troublesOf } from './troubles';

export interface Seen {
  standing: RoundStanding;
  rates: RatesPerSecond;
  beside: Beside;
  /** Of those that the standing knows by id: for the terminal only. */
  names: Names;
}

export interface Display {
  show(seen: Seen): void;
}

/** A deadline that has moved by more than clocks drift. */
const MOVED_SECONDS = 30;

/** No person is named here but who paused the round: it may end in a log. */
export class Lines implements Display {
  private last = '';
  private lastBody = '';
  /** Seconds since 1970. */
  private deadline = 0;

  constructor(private readonly output: Output) {}

  show({ standing, rates, beside: { temporal, schedules = [] } }: Seen): void {
    const held = troublesOf(standing, { temporal, schedules }, new Map());
    const state = JSON.stringify([withoutClocks(standing), temporal, schedules]);
    const deadline = Date.now() / 1_000 + standing.secondsToDeadline;
    // While Postgres is away the standing is an old one.
    const moved = temporal === undefined && Math.abs(deadline - this.deadline) > MOVED_SECONDS;
    if (state === this.last && !moved) return;
    this.last = state;
    this.deadline = deadline;
    const accounts = accountLines(standing).map(({ name, text }) => `${name}: ${text}`);
    const phases = phasesOf(standing, rates).map(withoutBar);
    const body = [standing.status, ...phases, ...accounts, ...held.map(inLine)].join(' · ');
    // A record has more in it than a line.
    if (!this.output.json && body === this.lastBody && !moved) return;
    this.lastBody = body;
    const line = [headOf(standing), ...phases, ...accounts, ...held.map(inLine)].join(' · ');
    const left = secondsLeft(standing, rates);
    const record = {
      ...standing,
      rates,
      secondsLeft: left,
      needs: needsOf(standing),
      schedules,
      temporal: temporal ?? null,
    };
    this.output.record({ event: 'progress', ...record }, line);
  }
}

/** A terminal. */
export interface Terminal {
  write(text: string): unknown;
  columns?: number;
  rows?: number;
}

/** The same lines, written over in one go, none wider than the terminal and no more than it is high. */
export class Screen implements Display {
  private shown: string[] = [];

  constructor(private readonly terminal: Terminal) {}

  show(seen: Seen): void {
    // A terminal that does not say how large it is says 0. The last column stays free: some wrap when it is written.
    const width = (this.terminal.columns || 80) - 1;
    const lines = fitting(linesOf(seen, width), (this.terminal.rows || 24) - 1);
    // Made narrower meanwhile, a terminal has broken what was written.
    const height = this.shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / (width + 1))), 0);
    const up = height > 0 ? `\u001b[${height}A\r` : '';
    this.terminal.write(`${up}${lines.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`);
    this.shown = lines;
  }
}

function fitting(lines: readonly string[], most: number): string[] {
  if (lines.length <= most) return [...lines];
  const kept = lines.slice(0, Math.max(1, most - 1));
  return [...kept, `  … ${lines.length - kept.length} more lines: a higher window shows them`];
}

/** @param width columns. */
export function linesOf({ standing, rates, beside: known, names }: Seen, width: number): string[] {
  return [
    ...wrap(headOf(standing), width),
    ...phasesOf(standing, rates).flatMap((phase) => phaseLines(phase, width)),
    ...(hasEnded(standing.status) ? [] : peopleLines(standing.labellers.atWork, names, width)),
    ...accountLines(standing).flatMap(({ name, text }) => beside(`  ${name.padEnd(NAME)} `, text, width)),
    ...heldLines(troublesOf(standing, known, names), width),
  ];
}

/** What waits for the same people stands under them. */
function heldLines(troubles: readonly Trouble[], width: number): string[] {
  return troubles.flatMap((trouble, i) => {
    const isNew = trouble.who !== undefined && trouble.who !== troubles[i - 1]?.who;
    return [...(isNew ? beside('  ', `for ${trouble.who}:`, width) : []), ...troubleLines(trouble, width)];
  });
}

const NAME = 8;
const BARS = { wide: 24, narrow: 16, from: 100 };

/** The name, a bar, and the notes: on further lines where there is no room. */
function phaseLines({ name, share, amount, notes }: Phase, width: number): string[] {
  const bar = share === null ? '' : `${barOf(share, width >= BARS.from ? BARS.wide : BARS.narrow)} `;
  const lines: string[] = [];
  let line = `  ${name.padEnd(NAME)} ${bar}${amount}`;
  for (const note of notes) {
    if (widthOf(line) + widthOf(note) + 3 <= width) line += `, ${note}`;
    else {
      lines.push(`${line},`);
      line = `${' '.repeat(NAME + 3)}${note}`;
    }
  }
  return [...lines, line].flatMap((each) => wrap(each, width));
}

function barOf(share: number, columns: number): string {
  const full = Math.floor(Math.min(1, Math.max(0, share)) * columns);
  return `[${'#'.repeat(full)}${'.'.repeat(columns - full)}]`;
}

const NAMED = 12;

function peopleLines(atWork: readonly PersonId[], names: Names, width: number): string[] {
  if (atWork.length === 0) return [];
  const known = atWork.slice(0, NAMED).map((id) => harmlessLine(names.get(id) ?? id));
  const more = atWork.length > NAMED ? ` and ${atWork.length - NAMED} more` : '';
  return beside(`  ${'at work'.padEnd(NAME)} `, `${atWork.length}: ${known.join(', ')}${more}`, width);
}

/** The command stays whole, on a line of its own where it must. */
function troubleLines({ message, command }: Trouble, width: number): string[] {
  const line = `  ! ${message}${command ? `: ${command}` : ''}`;
  if (widthOf(line) <= width) return [line];
  const text = beside('  ! ', command ? `${message}:` : message, width);
  return command ? [...text, ...wrap(`      ${command}`, width)] : text;
}
