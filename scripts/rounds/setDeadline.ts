/** A new deadline as people write it. */
import type { DeadlineMove } from '../../domain/adjusting';
import { parseDuration } from '../intake/durations';
import { Wrong } from './setWrong';

const HINT =
  'write +3d or -12h (later or earlier than it is), now+3d, 14d (after the start, as in the file), or 2026-12-24T12:00Z';
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/;

/** @throws Wrong for anything else. */
export function readDeadline(text: string): DeadlineMove {
  const [, from = '', sign = '', written = ''] = /^(now)?([+-]?)(\S*)$/.exec(text) ?? [];
  const ms = parseDuration(written);
  if (ms !== undefined) {
    if (from !== '' && sign === '+') return { fromNow: ms };
    if (from === '' && sign !== '') return { by: sign === '-' ? -ms : ms };
    if (from === '') return { afterStart: ms };
  }
  const at = MOMENT.test(text) ? new Date(text) : undefined;
  if (at && !Number.isNaN(at.getTime())) return { at };
  if (/^\d{4}-\d\d-\d\d/.test(text)) throw new Wrong('is no moment with its hour and its zone', HINT);
  throw new Wrong('is neither a duration nor a moment', HINT);
}
