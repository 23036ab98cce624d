/** Rough readings of a text, by its words: enough to keep a universal fault from a prompt where it would be none. */

const COMMON_ENGLISH = new Set(
  'the and of to is are what which how why my for with you do does can could this that it your from be not or'.split(
    ' ',
  ),
);
/** Of languages that people are likely to try; words that English has too are left out. */
const COMMON_ELSEWHERE = new Set(
  `der das und ist ich nicht wie ein eine einen dem mit für auf wo mir kann bitte le la les et est une du que dans je
   vous quel quelle el es por cuál qué il di che è sono het een`.split(/\s+/),
);
/** Said of any task, so that two prompts may share them and still have nothing to do with each other. */
const SAID_OF_ANY_TASK = new Set(
  `about above after also answer anything because before below between each every exactly explain following give good have help
   into just kind like line lines list make many more most name need only other over paragraph please question reply
   sentence sentences short should some somebody something suggest tell text than that their them then there these they thing
   things this three four five want were what when where which while will with without word words would write your`.split(
    /\s+/,
  ),
);
const DECLINES =
  /\bI (?:can['’]t|cannot|won['’]t|don['’]t (?:know|have|see)|do not (?:know|have|see)|have no|am (?:not able|unable)|['’]m (?:not able|unable))|\bI['’]m (?:not able|unable|sorry)|\bplease (?:paste|send|share|attach)\b|\bcould you (?:paste|send|share|tell)\b|\bno one can (?:know|tell)\b|\bnobody can (?:know|tell)\b/i;
const WORD = /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu;
const SMALLEST_TOPIC_WORD = 4;

export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(WORD) ?? [];
}

/** Whether an English sentence beside it would not look foreign: in Latin letters, without more common words of elsewhere. */
export function readsEnglish(text: string): boolean {
  const words = wordsOf(text);
  const count = (common: ReadonlySet<string>) => words.filter((word) => common.has(word)).length;
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
  return latin >= letters / 2 && count(COMMON_ELSEWHERE) <= count(COMMON_ENGLISH);
}

/** Whether a good answer says that it cannot or will not, or asks for what is missing: then a refusal is no fault. */
export function declines(answer: string): boolean {
  return DECLINES.test(answer);
}

/** The words that a text is about, as it writes them, each once and in order. */
export function topicsOf(text: string): string[] {
  const telling = new Map<string, string>();
  for (const word of text.match(WORD) ?? []) {
    const lower = word.toLowerCase();
    if (lower.length < SMALLEST_TOPIC_WORD || SAID_OF_ANY_TASK.has(lower) || telling.has(lower)) continue;
    telling.set(lower, word);
  }
  return [...telling.values()];
}

const HEAD_WORDS = 9;

/** What is asked, as one would quote it: the first question, or else the first sentence, by its first words. */
export function headOf(request: string): string {
  const sentences = request.split(/(?<=[.!?:])\s+|\n+/).filter((sentence) => sentence !== '');
  const [first = ''] = [...sentences.filter((sentence) => sentence.endsWith('?')), ...sentences];
  const words = first.split(/\s+/);
  const head = words.slice(0, HEAD_WORDS).join(' ');
  return words.length > HEAD_WORDS ? `${head}…` : head.replace(/[\p{P}\s]+$/u, '');
}
