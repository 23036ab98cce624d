/** One line of a prompt file: a JSON object with a prompt, or a JSON text that is one; or why it is neither. */
import { isObject, type JsonObject, LineFault, nameOf, readJson } from './lineFault';
import { type LinePrompt, promptOfFields } from './promptFields';
import { FieldMap } from './promptMapping';

export { LineFault };

/** @throws LineFault for the first thing that is wrong with the line. */
export function promptOfLine(text: string, lineNumber: number): LinePrompt {
  return promptOfFields(fieldsOfLine(text), String(lineNumber), new FieldMap({}));
}

/** @throws LineFault for the first thing that is wrong with the line. */
export function fieldsOfLine(text: string): JsonObject {
  const line = readJson(text, '', 'each line holds one JSON object, such as {"id": "1", "prompt": "…"}');
  if (typeof line === 'string') return { prompt: line };
  if (isObject(line)) return line;
  throw new LineFault('', `is ${nameOf(line)}, not an object`, 'write {"prompt": "…"}');
}
