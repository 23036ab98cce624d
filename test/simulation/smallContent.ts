/** A few prompts with answers of every shape, for tests that do not need the shipped ones. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type PromptAnswers, readAnswers } from '../../simulation/world/answers';
import { Content } from '../../simulation/world/content';
import type { Message, Prompt } from '../../simulation/world/prompts';

const TEXT = `
- id: teas
  join: "\\n"
  good:
    - ["1. Green tea: its leaves are steamed soon after picking.", "1. White tea: made of young buds that are merely dried."]
    - ["2. Black tea: its leaves are fully oxidised before drying.", "2. Oolong: its leaves are oxidised in part."]
    - ["3. Mint tea: an infusion of fresh or dried mint leaves.", "3. Rooibos: made of a South African bush."]
  check: {lines: 3}
  faults:
    - {kind: instruction, entry: fitting-length, drop: [2]}
    - {kind: instruction, entry: fitting-length, add: "4. Chamomile tea: an infusion of dried flowers."}
    - {kind: confident-error, entry: well-known-facts, slot: 1, text: "2. Black tea: it is made of roasted coffee leaves."}
    - {kind: degenerate, entry: right-language, whole: "1. Grüner Tee\\n2. Schwarzer Tee\\n3. Minztee", intent: not-at-all}
- id: sum
  good: [["Together they cost 4.60.", "That comes to 4.60.", "You pay 4.60 in all."]]
  check: {sentences: 1, contains: ["4.60"]}
  faults:
    - {kind: confident-error, entry: short-reasoning, whole: "Together they cost 5.40."}
    - {kind: confident-error, entry: long-reasoning, whole: "Together they cost 46.", difficulty: hard}
    - {kind: low-quality, entry: register, whole: "Dude, 4.60, duh.", wish: not-plain}
- id: kettle
  good:
    - ["Unplug the kettle and let it cool.", "First switch the kettle off and let it grow cold."]
    - ["Fill it half with vinegar and water and leave it for an hour.", "Pour in equal parts of water and vinegar and wait an hour."]
    - ["Then rinse it out well and boil fresh water in it once.", "Afterwards rinse it out and boil clean water in it once."]
  check: {words: {min: 20, max: 60}, contains: [vinegar]}
  faults:
    - {kind: confident-error, entry: physical-sense, slot: 1, text: "Scrape it out with a burning match."}
    - {kind: low-quality, entry: substance, whole: "There are many ways to clean things, and each has its own merits."}
    - {kind: instruction, entry: parts-and-conditions, drop: [0, 2]}
- id: sister
  good: [["I cannot know what your sister said to you yesterday, for I was not there.", "I have no way to know what she said."]]
  faults:
    - {kind: confident-error, entry: own-limits, whole: "She said that she is proud of you."}
`;

const user = (content: string): Message[] => [{ role: 'user', content }];

export const SMALL_PROMPTS: readonly Prompt[] = [
  { id: 'teas', messages: user('Name three kinds of tea, numbered, with what each is made of.') },
  { id: 'sum', messages: user('Two pens at 1.80 and a rubber at 1.00: what do they cost together?') },
  {
    id: 'kettle',
    messages: [
      { role: 'system', content: 'You are the helper of a household shop.' },
      { role: 'user', content: 'How do I descale my kettle?' },
    ],
  },
  { id: 'sister', messages: user('What did my sister say to me yesterday evening?') },
];

/** Reads answers as they would stand in files: by name, their text. */
export function answersIn(files: Record<string, string>): PromptAnswers[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'plumbline-answers-'));
  try {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    return readAnswers(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function smallContent(): Content {
  return new Content(SMALL_PROMPTS, answersIn({ 'small.yaml': TEXT }));
}
