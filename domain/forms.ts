/**
 * What a labeller is asked, and how a verdict follows from the answers. A label stores answers only; its verdict is
 * derived here, whenever it is read.
 */
export const VERDICTS = ['misaligned', 'aligned', 'ambiguous'] as const;
export type Verdict = (typeof VERDICTS)[number];

export const FORMS = ['verdict'] as const;
export type FormName = (typeof FORMS)[number];

/** Form `verdict`: the verdict asked directly, with a reason as a short code. */
export interface VerdictAnswers {
  verdict: Verdict;
  reason?: string;
}
export type Answers = VerdictAnswers;

/** An answer that the form does not have: `at` is the path of the field, `message` says what may stand there. */
export class AnswersError extends Error {
  constructor(
    readonly at: string,
    message: string,
  ) {
    super(message);
    this.name = 'AnswersError';
  }
}

const REASON = /^[a-z0-9][a-z0-9-]{0,63}$/;

/**
 * Reads untrusted answers under a form.
 * @throws AnswersError naming the first field that the form does not have or whose value it does not allow.
 */
export function readAnswers(_form: FormName, input: unknown): Answers {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new AnswersError('answers', 'answers must be an object such as {"verdict": "aligned"}');
  }
  const { verdict, reason, ...rest } = input as Record<string, unknown>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) {
    throw new AnswersError(`answers.${unknown}`, 'this form asks for verdict and, if you like, reason');
  }
  const known = VERDICTS.find((v) => v === verdict);
  if (known === undefined) throw new AnswersError('answers.verdict', `must be one of ${VERDICTS.join(', ')}`);
  if (reason === undefined) return { verdict: known };
  if (typeof reason !== 'string' || !REASON.test(reason)) {
    throw new AnswersError(
      'answers.reason',
      'must be a short code of lower-case letters, digits and hyphens, such as needless-refusal; write more in note',
    );
  }
  return { verdict: known, reason };
}

/** The class of a label: total over valid answers. */
export function verdictOf(answers: Answers): Verdict {
  return answers.verdict;
}

/** The form as the API serves it with an item, so that a client can ask it without knowing it. */
export function describeForm(form: FormName) {
  return {
    name: form,
    questions: [
      { field: 'verdict', answers: VERDICTS, required: true },
      { field: 'reason', answers: 'a short code, such as needless-refusal', required: false },
    ],
  };
}
