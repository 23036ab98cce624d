/** What `round set` takes: `key=value`, the keys of a round's file, each value checked as it is there. */
import type { RoundRow } from '../../db/rounds/read';
import type { Wanted } from '../../db/rounds/set';
import { type Problem, refuseIfAny } from '../../domain/problems';
import { roundFile } from '../intake/shape';
import { didYouMean } from '../intake/suggestions';
import { readConcurrency } from './setConcurrency';
import { readDeadline } from './setDeadline';
import { RUN_SETTINGS, readRunSetting } from './setRunSettings';
import { Wrong, yamlOf } from './setWrong';

type Part = Partial<Wanted>;

const KEYS = ['concurrency', 'concurrency.ACCOUNT', 'deadline', ...RUN_SETTINGS];

/** @throws ProblemsError with everything that is wrong. */
export function readWanted(texts: readonly string[], round: Pick<RoundRow, 'spec' | 'settings'>): Wanted {
  const problems: Problem[] = [];
  const parts: Part[] = [];
  const seen = new Set<string>();
  for (const text of texts) {
    const equals = text.indexOf('=');
    const key = (equals < 0 ? text : text.slice(0, equals)).trim();
    try {
      if (equals < 0) throw new Wrong('has no value', 'write key=value, such as concurrency=20');
      if (seen.has(key)) throw new Wrong('stands here twice', 'say it once');
      seen.add(key);
      parts.push(readOne(key, text.slice(equals + 1).trim(), round));
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      const { kind, message, hint } = error;
      problems.push({ kind, message, ...(hint && { hint }), at: key.slice(0, 100) });
    }
  }
  if (texts.length === 0) {
    const message = 'no setting is given';
    problems.push({ kind: 'usage', message, hint: `write key=value; the keys are ${KEYS.join(', ')}` });
  }
  refuseIfAny(problems);
  return {
    adjustments: parts.flatMap(({ adjustments = [] }) => adjustments),
    concurrency: parts.flatMap(({ concurrency = [] }) => concurrency),
    deadline: parts.find(({ deadline }) => deadline)?.deadline ?? null,
  };
}

function readOne(key: string, text: string, round: Pick<RoundRow, 'spec' | 'settings'>): Part {
  if (key === 'deadline' || key === 'deadline.after') return { deadline: readDeadline(text) };
  const account = /^(?:concurrency(?:\.(.+))?|accounts\.(.+)\.concurrency)$/.exec(key);
  if (account) return { concurrency: readConcurrency(yamlOf(text), account[1] ?? account[2], round) };
  const adjustments = readRunSetting(key, text, round);
  return adjustments ? { adjustments } : noSuchKey(key);
}

/** @throws Wrong with what the key is, if it is known at all. */
function noSuchKey(key: string): never {
  const [top = ''] = key.split('.');
  const known = [...KEYS, ...Object.keys(roundFile.shape)];
  const halves = ['generation', 'labellers', 'budget', 'prices', 'wages', 'concurrency'];
  if (!Object.hasOwn(roundFile.shape, top) || halves.includes(top)) {
    throw new Wrong(
      'there is no such setting',
      didYouMean(key, halves.includes(top) ? KEYS : known),
      'unknown-setting',
    );
  }
  if (top === 'capability') {
    const hint = 'another table is an amendment, on record: plumbline round amend ROUND --capability TABLE --why TEXT';
    throw new Wrong('is what is measured: frozen when the round starts', hint, 'frozen-setting');
  }
  if (['tuning', 'currency', 'name'].includes(top)) {
    throw new Wrong('is fixed when the round starts', `what may be set: ${KEYS.join(', ')}`, 'frozen-setting');
  }
  const hint = 'start a new round with it; the capability table alone may be changed, by `plumbline round amend`';
  throw new Wrong('is what is measured: frozen when the round starts', hint, 'frozen-setting');
}
