/** What the labeller looks at: lines that stay, and at the bottom a block that is written over where a terminal can. */
import { styleText } from 'node:util';
import { widthOf, wrap } from './wrap';

type Style = Parameters<typeof styleText>[0];

/** A terminal, or anything else that is written to. */
export interface Display {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
  rows?: number;
}

export class Screen {
  /** Lines of the block that stands at the bottom. */
  private height = 0;

  constructor(private readonly stream: Display) {}

  /** A terminal that does not say how wide it is says 0. */
  get width(): number {
    return this.stream.columns || 80;
  }

  /** Lines that there is room for. */
  get rows(): number {
    return this.stream.rows || 24;
  }

  /** Colour only where somebody looks, and wants it. */
  paint(style: Style, text: string): string {
    const plain = !this.stream.isTTY || process.env.NO_COLOR || process.env.TERM === 'dumb';
    return plain ? text : styleText(style, text, { validateStream: false });
  }

  line(text = ''): void {
    this.stream.write(`${text}\n`);
    this.height = 0;
  }

  /** A remark in the program's own voice, wrapped. */
  say(text: string, style: Style | 'plain' = 'dim'): void {
    for (const line of wrap(text, this.width)) this.line(style === 'plain' ? line : this.paint(style, line));
  }

  /** The lines that something draws, as they would stand here. */
  drawn(draw: (aside: Screen) => void): string[] {
    let text = '';
    const write = (part: string) => {
      text += part;
    };
    const { isTTY = false } = this.stream;
    draw(new Screen({ write, isTTY, columns: this.width }));
    return text === '' ? [] : text.replace(/\n$/, '').split('\n');
  }

  /** Lines no wider than the screen, in place of the block before. */
  block(lines: readonly string[]): void {
    this.clear();
    for (const line of lines) this.stream.write(`${line}\n`);
    this.height = lines.length;
  }

  /** Takes the block away; what has scrolled out of the window, and what cannot be written over, stays. */
  clear(): void {
    if (this.height > 0 && this.overwrites && this.height < this.rows) {
      this.stream.write(`\u001b[${this.height}A\u001b[0J`);
    }
    this.height = 0;
  }

  /** A line that is being typed, under the block; of a long one its end. */
  typing(label: string, text: string): void {
    const room = Math.max(8, this.width - widthOf(label) - 1);
    const end = widthOf(text) > room ? `…${[...text].slice(1 - Math.floor(room / 2)).join('')}` : text;
    if (this.overwrites) this.stream.write(`\r\u001b[2K${label}${end}`);
  }

  /** The line that was being typed is one more of the block, if there is one. */
  typed(): void {
    this.stream.write('\n');
    if (this.height > 0) this.height += 1;
  }

  private get overwrites(): boolean {
    return this.stream.isTTY === true && process.env.TERM !== 'dumb';
  }
}
