/** The files that the tour's reader has: questions, terms, and the file of what runs every night. */
import { QUICK } from '../setup/installation';

/** Sixty questions and one twice, of which a sample of thirty has a German one, three on parcels and two on refunds. */
const TOPICS: readonly [topic: string, questions: number][] = [
  ['orders', 48],
  ['parcels', 6],
  ['refunds', 4],
  ['rechnungen', 2],
];

/** Of the German questions. */
export const GERMAN = 'rechnungen';

/** A table whose columns are called its own names, with a row that asks nothing and one that repeats the first. */
export function questions(): string {
  const rows = TOPICS.flatMap(([topic, count]) =>
    Array.from({ length: count }, (_, i) => ({
      topic,
      question: questionOf(topic, i),
      locale: topic === GERMAN ? 'de' : '',
    })),
  );
  const [first] = rows;
  const empty = { topic: 'orders', question: '', locale: '' };
  const all = [...rows.slice(0, 24), empty, ...rows.slice(24), ...(first ? [first] : [])];
  const lines = all.map(({ topic, question, locale }, i) => `q${i + 1},${question},${locale},${topic}`);
  return `${['no,question,locale,topic', ...lines].join('\n')}\n`;
}

/** No two of them are much alike. */
function questionOf(topic: string, i: number): string {
  if (topic === GERMAN) return `Wo finde ich ${topic} zum Kunden ${i + 1}?`;
  const [verb, where] = [VERBS[i % VERBS.length], PLACES[i % PLACES.length]];
  return `Case ${i + 1}: how to ${verb} ${topic} ${where}?`;
}

const VERBS = ['find', 'change', 'cancel', 'print', 'track', 'share', 'return'];
const PLACES = ['abroad', 'by phone', 'without paper', 'in the shop', 'after a week'];

/** Short times, which the document does not need. */
export const QUICK_TUNING = `\ntuning: ${JSON.stringify(QUICK.tuning)}\n`;

export const TERMS = '# Terms\n\nLabels are kept. Pay is by the hour.\n';

export const NIGHTLY = `name: nightly
prompts: {set: support, sample: 40}
manual: support
models:
  - {name: medium, model: sim-medium, temperature: 1, max_tokens: 400, parameters: 1.3e10, regime: chat}
accounts:
  default: {concurrency: 16, simulated: true}
currency: EUR
prices:
  medium: {input: 0.4, output: 1.6}
budget: 1
overlap: 2
deadline: 48h
${QUICK_TUNING}`;
