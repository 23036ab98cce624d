/** One item in the labeller's hand: shown, asked about, until it is decided what becomes of it. */
import { type Answers, AnswersError } from '../../domain/forms';
import { type Asked, type Asking, ask, type Step } from '../../domain/forms/asking';
import type { SkipCode } from '../../domain/states';
import { harmlessLine } from '../harmless';
import type { SiteApi } from './api';
import { showItem } from './item';
import { BACKSPACE, ENTER, type Key, type Keys } from './keys';
import type { Lease } from './lease';
import { readLine } from './line';
import { pageManual, showManual } from './manual';
import { untilAnswered } from './patience';
import { keyFor, questionLines, type Remarks, summaryOf, WRITE_KEY } from './question';
import type { Screen } from './screen';
import { type Leased, ServedManual } from './shapes';
import { askWhyNot } from './skipping';
import { Left } from './troubles';

export interface Tools {
  api: SiteApi;
  keys: Keys;
  screen: Screen;
  /** `/api/rounds/…` */
  round: string;
}

export type Decision =
  | { kind: 'label'; answers: Answers; remarks: Remarks; summary: string }
  | { kind: 'skip'; code: SkipCode }
  /** The label before this item is to be taken back. */
  | { kind: 'undo' };

export class Desk {
  private steps: readonly Step[] = [];

  constructor(
    private readonly tools: Tools,
    readonly lease: Lease,
    private readonly served: Leased,
    readonly remarks: Remarks = { unsure: false, note: '' },
  ) {}

  show(): void {
    showItem(this.tools.screen, this.served.item);
  }

  /** Asks until there is a decision; what was answered stays if it is asked again. @throws Left, SiteAway, CommandError */
  async decide(): Promise<Decision> {
    const { screen } = this.tools;
    for (;;) {
      const asking = ask(this.served.form, this.steps);
      if (asking.done) return this.label(asking, asking.answers);
      const { question } = asking;
      screen.block(questionLines(screen, asking, question, this.remarks));
      const key = await this.pressed();
      const step = await this.stepBy(key, question);
      if (step) this.steps = [...this.steps, step];
      else {
        const decision = await this.obey(key, question);
        if (decision) return decision;
      }
    }
  }

  /** Who presses keys is at work, also while they read. */
  private async pressed(): Promise<Key> {
    const key = await this.tools.keys.next();
    this.lease.keep();
    return key;
  }

  private label({ answered }: Asking, answers: Answers): Decision {
    this.tools.screen.clear();
    // Should the label be refused, or the item come back: it is asked anew.
    this.steps = [];
    return { kind: 'label', answers, remarks: { ...this.remarks }, summary: summaryOf(answered, this.remarks) };
  }

  /** The answer that a key gives, if it gives one. */
  private async stepBy(key: Key, { choices, free }: Asked): Promise<Step | undefined> {
    const choice = choices.find((one) => keyFor(one.key) === key);
    if (choice) return { key: choice.key };
    if (!free) return undefined;
    const [none] = choices;
    if (key === ENTER && this.tools.keys.terminal && none) return { key: none.key };
    return key === WRITE_KEY ? this.write() : undefined;
  }

  /** A text that the form takes; undefined if nothing was written. */
  private async write(): Promise<Step | undefined> {
    const { keys, screen } = this.tools;
    const text = (await readLine(keys, screen, { label: '  Enter ends it: ' }))?.trim();
    if (!text) return undefined;
    try {
      ask(this.served.form, [...this.steps, { text }]);
      return { text };
    } catch (error) {
      if (!(error instanceof AnswersError)) throw error;
      screen.say(`It ${error.message}.`, 'yellow');
      return undefined;
    }
  }

  private async obey(key: Key, question: Asked): Promise<Decision | undefined> {
    const { keys, screen } = this.tools;
    switch (key) {
      case 'b':
      case BACKSPACE:
        this.steps = this.steps.slice(0, -1);
        return undefined;
      case 'u':
        this.remarks.unsure = !this.remarks.unsure;
        return undefined;
      case 'n':
        this.remarks.note = (await this.note()) ?? this.remarks.note;
        return undefined;
      case 'c': {
        const code = await askWhyNot(keys, screen);
        return code && { kind: 'skip', code };
      }
      case 'z':
        screen.clear();
        return { kind: 'undo' };
      case 'i':
        screen.clear();
        this.show();
        return undefined;
      case '?':
        screen.clear();
        await this.manual(question);
        return undefined;
      case 'e':
        screen.clear();
        return this.moreTime();
      case 'q':
        screen.clear();
        throw new Left('quit');
      default:
        if (keys.terminal && key.length === 1) screen.say(`${harmlessLine(key)} is no choice here.`, 'yellow');
    }
  }

  private note(): Promise<string | undefined> {
    const { keys, screen } = this.tools;
    return readLine(keys, screen, { label: '  note (Enter ends it, Ctrl-U clears it): ', text: this.remarks.note });
  }

  private async manual(question: Asked): Promise<void> {
    const { api, keys, round, screen } = this.tools;
    const asked = () => api.get(`${round}/manual`, ServedManual);
    const reply = await untilAnswered(this.tools, 'the manual is not here yet', asked);
    if (!reply.ok) return screen.say(`No manual: ${harmlessLine(reply.error.message)}.`);
    if (!keys.terminal) return showManual(screen, reply.body);
    await pageManual(screen, reply.body, question, () => this.pressed());
    this.show();
  }

  private async moreTime(): Promise<undefined> {
    const { screen } = this.tools;
    const reply = await untilAnswered(this.tools, 'there is no more time yet', () => this.lease.extend());
    if (reply.ok) screen.say(`The item is yours until ${this.lease.until}.`);
    else screen.say(`No more time: ${harmlessLine(reply.error.message)}. Your answers may still be taken.`, 'yellow');
  }
}
