/** What two runs of the same commands have in common: their lines without ids, times, amounts and names' order. */

/** What names one thing wherever it is told, such as a round. */
const ID = [
  String.raw`\br-[0-9a-z]{10}\b`,
  String.raw`\bp_[0-9a-z]{12}\b`,
  String.raw`\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`,
  String.raw`\b[0-9a-f]{64}\b`,
  String.raw`(?<=@)[0-9a-f]{8}\b`,
].join('|');

const DAY = String.raw`\d{4}-\d\d-\d\d`;

/** In this order: what is taken for one thing is no more taken for another. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/\[[#.]+\]/g, '[BAR]'],
  [/\|[ =.-]{10,}\|/g, '|BAR|'],
  [/https?:\/\/[\d.]+:\d+\S*/g, 'URL'],
  [/\bplt_\S+/g, 'TOKEN'],
  [new RegExp(ID, 'g'), 'ID'],
  [new RegExp(String.raw`(?:[A-Z][a-z]{2} )?${DAY}[T ]\d\d:\d\d(?::[\d.]+)?(?:Z| UTC| [A-Z]{3,4}\b)?`, 'g'), 'MOMENT'],
  [new RegExp(DAY, 'g'), 'DAY'],
  [/(?<=\s|^)(?:\/[\w.-]+)+\/(?=[\w.-]+)/g, 'PATH/'],
  [/\b[\d.,]+\/(?:s|min|h)\b/g, 'RATE'],
  [/\b\d+(?::\d\d)+\b|\b\d+ days\b/g, 'TIME'],
  [/(?<![\w.])[<>]?-?\d[\d,]*(?:\.\d+)*/g, 'N'],
  [/\s+/g, ' '],
];

/** The line as it is compared. */
export function shapeOf(line: string): string {
  const shape = SHAPES.reduce((text, [pattern, placeholder]) => text.replaceAll(pattern, placeholder), line).trim();
  // Who is at work stands there by their ids.
  return shape.replace(/(?<=^at work N: ).*/, (names) => names.split(', ').sort().join(', '));
}

export function idsIn(line: string): string[] {
  return line.match(new RegExp(ID, 'g')) ?? [];
}

/** Where a screen breaks a line depends on the figures in it: what is indented further belongs to the line above. */
export function unbroken<T extends { text: string }>(lines: readonly T[]): T[] {
  const whole: T[] = [];
  for (const line of lines) {
    const above = whole.at(-1);
    if (above && /^ {4}/.test(line.text))
      whole[whole.length - 1] = { ...above, text: `${above.text} ${line.text.trim()}` };
    else whole.push(line);
  }
  return whole;
}
