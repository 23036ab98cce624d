/** The tour under way: it types what the document says, keeps what is printed, and holds the one against the other. */
import { namesOf } from '../../db/people';
import type { RoundView } from '../../db/rounds/show';
import { type RoundStanding, roundStanding } from '../../db/rounds/standing';
import { roundsOfSchedule } from '../../db/schedules/rounds';
import type { RoundId } from '../../domain/ids';
import { Rates } from '../../scripts/rounds/rates';
import { linesOf } from '../../scripts/rounds/screen';
import { startCommand } from '../setup/command';
import { type Installation, SECRET_KEY } from '../setup/installation';
import { type RunningProcess, until } from '../setup/processes';
import { Commands } from './tourCommands';
import { SECOND_KEY, type TourModels } from './tourModels';
import { compare, Ids, inFull, type Printed } from './tourOutput';
import { type Line, type Section, wordsOf } from './tourPage';
import type { TourPeople } from './tourPeople';
import { shapeOf, unbroken } from './tourShapes';

/** Nothing but what is wrong, and what to do about it. */
function isRefusal(lines: readonly string[]): boolean {
  return lines.every((line) => /^(?:plumbline: | {2})/.test(line));
}

/** Of the terminal that the document's screens were seen in. */
const COLUMNS = 90;
const PATIENCE_MS = 60_000;

export class Tour {
  readonly ids = new Ids();
  readonly printed: Printed[] = [];
  roundId = '' as RoundId;
  section: Section | undefined;
  private readonly commands: Commands;
  private rates = new Rates();
  private worker: RunningProcess | undefined;
  private variables: Record<string, string> = {};

  constructor(
    readonly here: Installation,
    readonly models: TourModels,
    readonly people: TourPeople,
  ) {
    this.commands = new Commands(here.dir, () => this.env());
  }

  /** Runs the command as the document has it. */
  async type(command: string): Promise<Printed> {
    const [, ...args] = wordsOf(command).map((word) => this.ids.real(word));
    const { code, lines } = await this.commands.run(args);
    const printed = this.keep({ by: command, lines });
    if ((code === 0) === isRefusal(lines)) throw new Error(`ended with ${code}:\n${inFull(printed)}`);
    return printed;
  }

  end(): Promise<void> {
    return this.commands.end();
  }

  /**
   * With the keys that it reads when it starts.
   * @param file `.env`, as the document has it; left out: as before.
   * @param wrong what stands in it wrongly.
   */
  async startWorker(file?: string, wrong: Record<string, string> = {}): Promise<void> {
    const right: Record<string, string> = {
      OPENAI_BASE_URL: this.here.model.baseUrl,
      OPENAI_API_KEY: SECRET_KEY,
      SECOND_API_KEY: SECOND_KEY,
    };
    const names = file?.match(/^[A-Z_]+(?==)/gm) ?? Object.keys(this.variables);
    this.variables = Object.fromEntries(names.map((name) => [name, right[name] ?? '']));
    this.worker = await this.here.startWorker({ env: { ...this.variables, ...wrong } });
  }

  async stopWorker(): Promise<void> {
    await this.worker?.stop();
  }

  /** From now on the tour is about this round. */
  watch(roundId: string): void {
    this.roundId = roundId as RoundId;
    this.rates = new Rates();
  }

  async until(what: string, holds: (view: RoundView) => boolean): Promise<void> {
    await this.here.untilRound(this.roundId, what, holds, PATIENCE_MS);
  }

  async untilRunOf(schedule: string): Promise<void> {
    const look = async () => {
      const [run] = await roundsOfSchedule(this.here.database.db, schedule, 1);
      return run?.status === 'running' ? run.roundId : undefined;
    };
    this.watch(await until('the run is there', look, PATIENCE_MS));
  }

  /** There is one operator, so nobody says who acts. */
  private env(): Record<string, string> {
    const { PLUMBLINE_PERSON: _, ...env } = this.here.env;
    return { ...env, PLUMBLINE_SITE_URL: this.here.siteUrl };
  }

  private keep(printed: Printed): Printed {
    this.printed.push(printed);
    return printed;
  }

  /** @throws Error where what is documented is not what was printed. */
  check(documented: readonly Line[], printed: Printed): void {
    this.ids.learn(compare(documented, printed));
  }

  /** Every documented line is somewhere in what was printed. */
  checkAmong(documented: readonly Line[], printed: Printed): void {
    const leftOut = { text: '…', at: '' };
    for (const line of documented) this.check([leftOut, line, leftOut], printed);
  }

  /** What the section quotes between its blocks with this word in it was printed. */
  checkQuoted(word: string, printed: Printed): void {
    const prose = this.section?.prose ?? [];
    const all = prose.map(({ text }) => text).join(' ');
    const quoted = [...all.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text).find((text) => text.includes(word));
    const at = prose.find(({ text }) => text.includes(word))?.at ?? this.section?.heading ?? '';
    if (quoted === undefined) throw new Error(`${at}: nothing is quoted with ${word}`);
    if (printed.lines.some((line) => shapeOf(line).includes(shapeOf(quoted)))) return;
    throw new Error(`${at}: this was not printed: ${quoted}\n${inFull(printed)}`);
  }

  private async standing(): Promise<RoundStanding> {
    const standing = await roundStanding(this.here.database.db, this.roundId);
    if (!standing) throw new Error('the round is gone');
    return standing;
  }

  async untilStanding(what: string, holds: (standing: RoundStanding) => boolean): Promise<void> {
    await until(what, async () => holds(await this.standing()), PATIENCE_MS);
  }

  /** As `round watch` shows the round in a terminal. */
  async frame(): Promise<string[]> {
    const { db } = this.here.database;
    const standing = await this.standing();
    const { operator, researcher, admin } = standing.staff;
    const names = await namesOf(db, [...standing.labellers.atWork, ...operator, ...researcher, ...admin]);
    const rates = this.rates.of(standing, Date.now());
    return linesOf({ standing, rates, beside: {}, names }, COLUMNS - 1);
  }

  /** Waits until what is seen is what the document shows. @param frames what is seen now, or was before. */
  async untilSeen(documented: readonly Line[], by: string, frames: () => Promise<string[][]>): Promise<void> {
    const whole = unbroken(documented);
    let wrong: unknown;
    const look = async () => {
      for (const frame of await frames()) {
        try {
          this.check(whole, { by, lines: unbroken(frame.map((text) => ({ text }))).map(({ text }) => text) });
          return frame;
        } catch (error) {
          wrong = error;
        }
      }
      return undefined;
    };
    const lines = await until(by, look, PATIENCE_MS).catch((error: unknown) => {
      throw wrong ?? error;
    });
    this.keep({ by, lines });
  }

  /** The same of a command that says a line whenever something changes. */
  async untilSaid(documented: readonly Line[], command: string): Promise<void> {
    const [, ...args] = wordsOf(command);
    const { child, end } = startCommand(args, this.here.dir, this.env());
    let said = '';
    child.stdout?.on('data', (part) => {
      said += part;
    });
    const lines = async () => said.split('\n').flatMap((line) => (line === '' ? [] : [[line]]));
    await this.untilSeen(documented, command, lines).finally(() => child.kill('SIGINT'));
    await end;
  }
}
