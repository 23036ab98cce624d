/** How a command was told to read prompt files: `--field`, `--delimiter`, `--bad-rows`. */
import { type Problem, refuseIfAny } from '../../domain/problems';
import { delimiterFault } from '../intake/promptDialect';
import { unknownField } from '../intake/promptMapping';
import type { PromptReading } from '../intake/spec';
import type { Call } from '../leaf';

export const BAD_ROWS = ['refuse', 'keep-the-rest'] as const;

/** @throws ProblemsError for flags that make no sense. */
export function readingOf(call: Call): PromptReading {
  const pairs = call.values('field').map(pairOf);
  const delimiter = call.value('delimiter');
  const fault = delimiter === undefined ? undefined : delimiterFault(delimiter);
  refuseIfAny([
    ...pairs.flatMap(({ wrong }) => (wrong ? [{ kind: 'usage', at: '--field', ...wrong }] : [])),
    ...twice(pairs.map(({ ours }) => ours)),
    ...(fault ? [{ kind: 'usage', at: '--delimiter', message: fault }] : []),
  ]);
  return {
    fields: Object.fromEntries(pairs.map(({ ours, theirs }) => [ours, theirs])),
    ...(delimiter !== undefined && { delimiter }),
    badRows: BAD_ROWS.find((known) => known === call.value('badRows')) ?? 'refuse',
  };
}

interface Pair {
  ours: string;
  theirs: string;
  wrong?: Pick<Problem, 'message' | 'hint'> | undefined;
}

function pairOf(text: string): Pair {
  const equals = text.indexOf('=');
  const [ours, theirs] = [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
  if (equals < 1 || theirs === '') {
    const hint = 'write --field prompt=question: ours, an equals sign, the file’s own';
    return { ours, theirs, wrong: { message: `${text.slice(0, 50)} maps no field`, hint } };
  }
  return { ours, theirs, wrong: unknownField(ours) };
}

function twice(names: readonly string[]): Problem[] {
  const name = names.find((one, i) => names.indexOf(one) < i);
  return name === undefined ? [] : [{ kind: 'usage', message: `says twice what ${name} is`, at: '--field' }];
}
