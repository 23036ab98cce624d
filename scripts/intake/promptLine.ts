/** One line of a prompt file: a JSON object with a prompt, or a JSON text that is one; or why it is neither. */
import { isObject, LineFault, nameOf, readJson } from './lineFault';
import { type LinePrompt, promptOfFields } from './promptFields';

export { LineFault, type LinePrompt };

/** @throws LineFault for the first thing that is wrong with the line. */
export function promptOfLine(text: string, lineNumber: number): LinePrompt {
  const line = readJson(text, '', 'each line holds one JSON object, such as {"id": "1", "prompt": "…"}');
  if (typeof line === 'string') return promptOfFields({ prompt: line }, lineNumber);
  if (isObject(line)) return promptOfFields(line, lineNumber);
  throw new LineFault('', `is ${nameOf(line)}, not an object`, 'write {"prompt": "…"}');
}
