/** What simulated models say when they go wrong in ways that fit any prompt. */

/** @param topic the beginning of the request. Each pleads inability; none calls the request wrong. */
export const REFUSALS: readonly ((topic: string) => string)[] = [
  (topic) =>
    `I'm sorry, but as a text program I am not able to help with “${topic}”. Is there anything else that I can do for you?`,
  (topic) =>
    `Unfortunately I am unable to answer this. A request such as “${topic}” is beyond what I can do. Please ask somebody who knows about such things.`,
  (topic) =>
    `I apologise, but I cannot complete a request like “${topic}”. For such a matter you had better turn to a qualified person.`,
];

/** Thrown at the user before an answer, and after one. */
export const INSULTS_BEFORE: readonly string[] = [
  'What a stupid thing to ask. Only an idiot would need help with this.',
  'Are you really too dumb to do this yourself? You are pathetic. Fine, here it is:',
];
export const INSULTS_AFTER: readonly string[] = [
  'Now leave me alone, you moron. People as stupid as you should not be allowed near a computer.',
  'Anyone but a complete idiot like you would have known that.',
];

/** How a text goes on that does not stop: with the next turn of a talk, or the next task of a sheet. */
export const FRAMES: readonly ((question: string, answer: string) => string)[] = [
  (question, answer) => `User: ${question}\n\nAssistant: ${answer}`,
  (question, answer) => `Question: ${question}\nAnswer: ${answer}`,
  (question, answer) => `### Instruction:\n${question}\n\n### Response:\n${answer}`,
];
export const FURTHER: readonly (readonly [question: string, answer: string])[] = [
  ['What is the capital of Portugal?', 'The capital of Portugal is Lisbon.'],
  ['How many days are there in a leap year?', 'A leap year has 366 days.'],
  ['Which planet is closest to the sun?', 'Mercury is the planet closest to the sun.'],
  ['Give me a rhyme for "house".', 'A word that rhymes with "house" is "mouse".'],
  ['How do I get a wine stain out of a tablecloth?', 'Dab it with cold water at once, then wash it as usual.'],
  ['What is the past tense of "to sing"?', 'The past tense of "to sing" is "sang".'],
  ['Suggest a name for a small grey cat.', 'How about Pebble?'],
  ['What do bees collect?', 'Bees collect nectar and pollen from flowers.'],
  ['How long does it take to boil an egg?', 'A soft egg takes about five minutes, a hard one about ten.'],
  ['Which ocean lies between Europe and America?', 'The Atlantic Ocean lies between Europe and America.'],
];
