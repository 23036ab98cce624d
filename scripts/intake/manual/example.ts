/** What an example shows: the prompt as a model was sent it, and the answers that the form allows. */
import { type Answers, AnswersError, type FormName, readAnswers, type Vocabulary } from '../../../domain/forms';
import type { Problem } from '../../../domain/problems';
import type { ChatMessage } from '../../../domain/prompts';
import { LineFault, promptOfLine } from '../promptLine';
import { parsePath, type Source } from '../source';

/** An example with everything that its anchors stand for. */
const LARGEST = 1024 * 1024;

/** The messages of a source's `prompt` or `messages`; undefined where `problems` gained why there are none. */
export function readMessages(source: Source, problems: Problem[]): ChatMessage[] | undefined {
  const given = (['prompt', 'messages'] as const).filter((field) => (source.get([field]) ?? null) !== null);
  const [field, second] = given;
  if (field === undefined) {
    problems.push(
      source.problem(['prompt'], 'is missing; write the user’s words under prompt, or a list under messages'),
    );
    return undefined;
  }
  if (second !== undefined) {
    problems.push(source.problem([second], 'stands beside prompt; leave one of them: which is the prompt?', 'key'));
    return undefined;
  }
  const json = jsonOf(source.get([field]));
  if (json === undefined || json.length > LARGEST) {
    const what = json === undefined ? 'refers to itself or is nested too deeply' : 'is larger than 1 MB';
    problems.push(source.problem([field], what));
    return undefined;
  }
  try {
    return promptOfLine(`{"${field}":${json}}`, 1).messages;
  } catch (error) {
    if (!(error instanceof LineFault)) throw error;
    const sentence = error.hint ? `${error.message}; ${error.hint}` : error.message;
    problems.push(source.problem(parsePath(error.field || field), sentence));
    return undefined;
  }
}

/** undefined for what JSON cannot hold: an anchor that holds itself, nesting without end. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** The answers, checked under the manual's form; undefined where `problems` gained what is wrong with them. */
export function readExampleAnswers(
  source: Source,
  form: FormName,
  words: Vocabulary,
  problems: Problem[],
): Answers | undefined {
  const given = source.get(['answers']);
  if (given === undefined) {
    problems.push(source.problem(['answers'], `is missing; write those that the manual gives, of the form ${form}`));
    return undefined;
  }
  try {
    return readAnswers(form, given, words);
  } catch (error) {
    if (!(error instanceof AnswersError)) throw error;
    problems.push(source.problem(parsePath(error.at), error.message));
    return undefined;
  }
}
