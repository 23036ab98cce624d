/** Answers that a form takes, for people who write theirs by hand or by program. */
import type { Answers } from './index';
import type { FormName, Vocabulary } from './words';

/** Of a faulty item: of a clean one there is little to see. */
export function exampleAnswers(form: FormName, { entries }: Vocabulary): Answers {
  if (form === 'verdict') return { verdict: 'misaligned', reason: 'needless-refusal' };
  const entry = entries.find(({ kinds }) => kinds.includes('low-quality'))?.id ?? null;
  const fault = { kind: 'low-quality', entry, difficulty: 'ordinary', wish: 'plain' } as const;
  return { forbidden: 'no', intent: 'fault', faults: [fault] };
}
