/** Single keys: in a terminal as they are pressed, else the characters that come through the pipe. */
import { emitKeypressEvents } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { Left } from './troubles';

/** A character, or one of the names below, which are longer. */
export type Key = string;
export const ENTER = 'enter';
export const BACKSPACE = 'backspace';
export const ESCAPE = 'escape';
/** Ctrl-U: what was typed goes. */
export const CLEAR_LINE = 'clear-line';

const NAMED = new Map([
  ['return', ENTER],
  ['enter', ENTER],
  ['backspace', BACKSPACE],
  ['escape', ESCAPE],
]);

/** These ask for nothing but a look at an item, or mean nothing: where there is none they are passed over. */
const IDLE = new Set(['?', 'i', 'e', 'b', ' ', ENTER, BACKSPACE, ESCAPE, CLEAR_LINE]);

/** Nobody has read an item this soon: what is pressed until then was meant for the one before. */
const SETTLE_MS = 250;

/** A terminal, or a pipe. */
export type Keyboard = Readable & { isTTY?: boolean; setRawMode?(raw: boolean): unknown };

interface Press {
  name?: string;
  ctrl?: boolean;
  meta?: boolean;
}

export class Keys {
  private queue: Key[] = [];
  private ended = false;
  private readonly stopping = new AbortController();
  private wake: () => void = () => undefined;
  private readonly interrupt = () => {
    this.stopping.abort(new Left('interrupted'));
    this.wake();
  };

  constructor(private readonly input: Keyboard) {
    emitKeypressEvents(this.input);
    if (this.terminal) this.input.setRawMode?.(true);
    this.input.on('keypress', (text: string | undefined, press: Press) => this.take(text, press));
    for (const end of ['end', 'close', 'error']) this.input.on(end, () => this.end());
    process.on('SIGINT', this.interrupt).on('SIGTERM', this.interrupt);
  }

  /** Whether a person presses them. */
  get terminal(): boolean {
    return this.input.isTTY === true;
  }

  /** Aborted by Ctrl-C. */
  get interrupted(): AbortSignal {
    return this.stopping.signal;
  }

  /** @throws Left if there will be none, and after Ctrl-C. */
  async next(): Promise<Key> {
    for (;;) {
      this.interrupted.throwIfAborted();
      const key = this.queue.shift();
      if (key !== undefined) return key;
      if (this.ended) throw new Left('input-ended');
      await this.news();
    }
  }

  /**
   * Waits this long, or until one of these keys is pressed. Others are lost in a terminal; those of a pipe stay for what
   * comes after.
   * @throws Left after Ctrl-C.
   */
  async within(ms: number, wanted: readonly Key[]): Promise<Key | undefined> {
    const until = Date.now() + ms;
    for (;;) {
      this.interrupted.throwIfAborted();
      if (this.terminal) this.queue = this.queue.filter((key) => wanted.includes(key));
      const [first] = this.queue;
      if (first !== undefined && wanted.includes(first)) return this.queue.shift();
      if (!(await this.untilNews(until - Date.now()))) return undefined;
    }
  }

  /**
   * The same where there is no item to press keys for. Of a pipe, keys that want to see one are passed over, and answers stay
   * for the next; but nobody waits for it with a pipe that has ended.
   * @throws Left after Ctrl-C, and at the end of the input.
   */
  async idle(ms: number, wanted: readonly Key[]): Promise<Key | undefined> {
    const until = Date.now() + ms;
    for (;;) {
      while (IDLE.has(this.queue[0] ?? '')) this.queue.shift();
      const key = await this.within(0, wanted);
      if (key !== undefined) return key;
      if (this.ended) throw new Left('input-ended');
      if (!(await this.untilNews(until - Date.now()))) return undefined;
    }
  }

  /** Nobody will press anything any more. */
  get over(): boolean {
    return this.ended && this.queue.length === 0;
  }

  /** Lets a double press for what was there before go by. */
  async settle(): Promise<void> {
    if (this.terminal) await this.within(SETTLE_MS, []);
  }

  close(): void {
    if (this.terminal) this.input.setRawMode?.(false);
    this.input.pause();
    process.off('SIGINT', this.interrupt).off('SIGTERM', this.interrupt);
  }

  /** @returns false if the time, ms, was over before, and nothing was waited for. */
  private async untilNews(ms: number): Promise<boolean> {
    if (ms <= 0) return false;
    const waiting = new AbortController();
    await Promise.race([this.news(), pause(ms, undefined, { signal: waiting.signal }).catch(() => undefined)]);
    waiting.abort();
    return true;
  }

  private news(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private take(text: string | undefined, press: Press): void {
    if (press.ctrl && press.name === 'c') this.interrupt();
    else if (press.ctrl && press.name === 'd') this.end();
    else {
      const key = keyOf(text, press);
      if (key === undefined) return;
      this.queue.push(key);
      this.wake();
    }
  }

  private end(): void {
    this.ended = true;
    this.wake();
  }
}

/** Arrows, function keys and chords mean nothing here: their letters must not be taken for answers. */
function keyOf(text: string | undefined, { name, ctrl, meta }: Press): Key | undefined {
  if (ctrl && name === 'u') return CLEAR_LINE;
  const named = NAMED.get(name ?? '');
  if (named !== undefined || ctrl || meta || text === undefined) return named;
  return [...text].length === 1 && !/\p{Cc}/u.test(text) ? text : undefined;
}
