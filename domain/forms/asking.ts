/**
 * The order in which a form is asked, one question at a time, for a person with keys. Works on the form as the API serves it,
 * and is a function of the steps taken so far alone: going back one answer is leaving out the last step.
 */
import {
  type Answers,
  AnswersError,
  type Choice,
  FAULT_KINDS,
  type FormDescription,
  MOST_FAULTS,
  type Question,
  readAnswers,
  type Vocabulary,
} from './index';

/** What a person did at a question: pressed the key of a choice, or wrote where one may. */
export type Step = { key: string } | { text: string };

/** A question whose turn it is. */
export interface Asked {
  field: string;
  text: string;
  /** Which of several faults it is asked of, such as "fault 2"; null for a question that is asked once. */
  about: string | null;
  /** At least one. */
  choices: readonly Choice[];
  /** A text of one's own may be written instead of taking a choice. */
  free: boolean;
}

/** A question that was answered; `text` says the answer as it was offered or written. */
export interface Answered {
  question: Asked;
  value: string | null;
  text: string;
}

export type Asking = { answered: readonly Answered[] } & (
  | { done: false; question: Asked }
  | { done: true; answers: Answers }
);

/**
 * Where the steps have led: the next question, or answers that `readAnswers` accepts.
 * @throws AnswersError for a step that was not offered, and for a form that lacks a question which it must have.
 */
export function ask(form: FormDescription, steps: readonly Step[]): Asking {
  const asking = form.name === 'verdict' ? askVerdict(form) : askMisalignment(form);
  const answered: Answered[] = [];
  let at = asking.next();
  for (const step of steps) {
    if (at.done) throw new AnswersError('answers', 'are complete: there is nothing more to answer');
    const taken = take(at.value, step);
    answered.push(taken);
    at = asking.next(taken);
  }
  return at.done ? { answered, done: true, answers: at.value } : { answered, done: false, question: at.value };
}

/** What a served form lets answers cite: enough for `readAnswers`, without a look at the manual. */
export function wordsOfForm({ questions }: FormDescription): Vocabulary {
  const clauses = named(questions.find(({ field }) => field === 'clause'));
  const entries = new Map<string, { id: string; title: string; kinds: string[] }>();
  const each = questions.find(({ field }) => field === 'faults')?.each ?? [];
  for (const question of each.filter(({ field }) => field === 'entry')) {
    for (const { id, title } of named(question)) {
      const entry = entries.get(id) ?? { id, title, kinds: [] };
      entry.kinds.push(...(question.when?.kind ?? FAULT_KINDS));
      entries.set(id, entry);
    }
  }
  return { clauses, entries: [...entries.values()] };
}

function named(question: Question | undefined): { id: string; title: string }[] {
  return (question?.answers ?? []).flatMap(({ value, text }) => (value === null ? [] : [{ id: value, title: text }]));
}

type Turns<T> = Generator<Asked, T, Answered>;

/** Puts a question and waits for its answer. */
function* put(question: Asked): Generator<Asked, string | null, Answered> {
  return (yield question).value;
}

const NO_REASON: Choice = { value: null, key: '0', text: 'no reason' };

function* askVerdict(form: FormDescription): Turns<Answers> {
  const verdict = yield* put(once(questionOf(form.questions, 'verdict')));
  const why = questionOf(form.questions, 'reason');
  const { text } = why;
  const reason = yield* put({ field: 'reason', text, about: null, choices: [NO_REASON], free: true });
  return readAnswers('verdict', { verdict, ...(reason !== null && { reason }) });
}

function* askMisalignment(form: FormDescription): Turns<Answers> {
  const { questions } = form;
  const list = questionOf(questions, 'faults');
  const faults: FaultGiven[] = [];
  const clauses = questionOf(questions, 'clause');
  const citable = (clauses.answers ?? []).length > 0;
  const forbidden = yield* put(once(withoutValue(questionOf(questions, 'forbidden'), citable ? undefined : 'yes')));
  const clause = forbidden === 'yes' ? yield* put(once(clauses)) : null;
  if (forbidden === 'yes') faults.push(yield* askFault(list, 'forbidden', 'the forbidden act'));
  const intent = yield* put(once(questionOf(questions, 'intent')));
  if (intent !== null && list.when?.intent?.includes(intent)) {
    do {
      const about = `fault ${faults.length + 1}`;
      const kinds = withoutValue(questionOf(list.each ?? [], 'kind'), 'forbidden');
      faults.push(yield* askFault(list, yield* put({ ...once(kinds), about }), about));
    } while (faults.length < (list.most ?? MOST_FAULTS) && (yield* put(ANOTHER)) === 'yes');
  }
  const answers = { forbidden, ...(clause !== null && { clause }), intent, faults };
  return readAnswers(form.name, answers, wordsOfForm(form));
}

/** Not of the form, but of its asking: whether the list of faults goes on. */
const ANOTHER: Asked = {
  field: 'another',
  text: 'Another fault?',
  about: null,
  choices: [
    { value: 'no', key: '1', text: 'no, that is all' },
    { value: 'yes', key: '2', text: 'yes' },
  ],
  free: false,
};

interface FaultGiven {
  kind: string | null;
  entry: string | null;
  difficulty: string | null;
  wish?: string | null;
}

function* askFault({ each = [] }: Question, kind: string | null, about: string): Turns<FaultGiven> {
  const of = (question: Question): Asked => ({ ...once(question), about });
  const isAsked = ({ when }: Question) => when?.kind === undefined || (kind !== null && when.kind.includes(kind));
  const asked = each.filter(isAsked);
  const entry = yield* put(of(questionOf(asked, 'entry')));
  const difficulty = yield* put(of(questionOf(asked, 'difficulty')));
  const wish = asked.find(({ field }) => field === 'wish');
  return { kind, entry, difficulty, ...(wish && { wish: yield* put(of(wish)) }) };
}

function once({ field, text, answers = [] }: Question): Asked {
  return { field, text, about: null, choices: answers, free: false };
}

function withoutValue(question: Question, value: string | undefined): Question {
  if (value === undefined) return question;
  return { ...question, answers: (question.answers ?? []).filter((choice) => choice.value !== value) };
}

function questionOf(questions: readonly Question[], field: string): Question {
  const found = questions.find((question) => question.field === field);
  if (!found) throw new AnswersError(`answers.${field}`, 'the form that was served does not ask for it');
  return found;
}

function take(question: Asked, step: Step): Answered {
  const at = `answers.${question.field}`;
  if ('text' in step) {
    if (!question.free) throw new AnswersError(at, 'is chosen, not written');
    return { question, value: step.text, text: step.text };
  }
  const choice = question.choices.find(({ key }) => key === step.key);
  if (!choice)
    throw new AnswersError(at, `must be one of the keys ${question.choices.map(({ key }) => key).join(', ')}`);
  return { question, value: choice.value, text: choice.text };
}
