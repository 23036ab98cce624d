/** A file's lines, one at a time: a file may be larger than memory. */

export type Line =
  | { number: number; text: string }
  /** A line that is not text, or too much of it. */
  | { number: number; wrong: 'too-long' | 'not-utf8' };

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = '\ufeff';

/** Numbered from 1, without line ends (LF or CRLF) and without the file's byte order mark. */
export async function* linesOf(bytes: AsyncIterable<Buffer>, largestBytes: number): AsyncGenerator<Line> {
  const line = new LineBytes(largestBytes);
  for await (const chunk of bytes) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      line.add(chunk.subarray(start, end));
      yield line.end();
      start = end + 1;
    }
    line.add(chunk.subarray(start));
  }
  if (line.begun) yield line.end();
}

class LineBytes {
  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  private parts: Buffer[] = [];
  private bytes = 0;
  private number = 1;

  constructor(private readonly largest: number) {}

  get begun(): boolean {
    return this.bytes > 0;
  }

  add(part: Buffer): void {
    this.bytes += part.length;
    if (this.bytes > this.largest) this.parts = [];
    else if (part.length > 0) this.parts.push(part);
  }

  end(): Line {
    const number = this.number;
    const [only, ...others] = this.parts;
    const whole = only && others.length === 0 ? only : Buffer.concat(this.parts);
    const tooLong = this.bytes > this.largest;
    this.parts = [];
    this.bytes = 0;
    this.number += 1;
    if (tooLong) return { number, wrong: 'too-long' };
    const bytes = whole.at(-1) === CARRIAGE_RETURN ? whole.subarray(0, -1) : whole;
    try {
      const text = this.decoder.decode(bytes);
      return { number, text: number === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text };
    } catch {
      return { number, wrong: 'not-utf8' };
    }
  }
}
