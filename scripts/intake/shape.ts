/** A round's file: every setting, what may stand there, and what holds where it is not given. */
import { z } from 'zod';
import { FORMS } from '../../domain/forms';
import { RULES, UNRESOLVED_POLICIES } from '../../domain/resolving';
import { PURPOSES } from '../../domain/states';
import {
  duration,
  flag,
  fraction,
  group,
  listOf,
  matching,
  name,
  number,
  oneOf,
  positive,
  shorthand,
  text,
  whole,
} from './kinds';

const MS = 1;
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

/** The account of models that name none: OPENAI_BASE_URL and OPENAI_API_KEY, as OpenAI's own clients take them. */
export const DEFAULT_ACCOUNT = 'default';
/** Calls in flight where an account does not say. */
export const DEFAULT_CONCURRENCY = 20;

const sample = z.custom<number | 'all'>(
  (v) => v === 'all' || (typeof v === 'number' && Number.isInteger(v) && v >= 1 && v <= 10_000_000),
  { error: 'must be a whole number above 0, or all' },
);

const seed = z
  .custom<string | number>(
    (v) => (typeof v === 'string' && v !== '' && v.length <= 200) || (typeof v === 'number' && Number.isSafeInteger(v)),
    { error: 'must be a whole number or a text of at most 200 characters (a very large number needs quotes)' },
  )
  .transform(String);

const released = z
  .custom<string | number>(
    (v) => /^(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?$/.test(String(v)),
    {
      error: 'must be a date such as 2026-11-20, 2026-11 or 2026',
    },
  )
  .transform(String);

const model = shorthand(
  'name',
  group({
    name: name(),
    model: name().optional(),
    account: name().default(DEFAULT_ACCOUNT),
    system: text(100_000).nullish(),
    temperature: number(0, 2).nullish(),
    top_p: number(0, 1).nullish(),
    max_tokens: whole(1, 10_000_000).nullish(),
    seed: whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER).nullish(),
    family: name().nullish(),
    parameters: positive().nullish(),
    training_compute: positive().nullish(),
    regime: name().nullish(),
    released: released.nullish(),
  }),
);

const account = group({
  base_url: text(2_000).optional(),
  key_env: matching(
    /^[A-Za-z_][A-Za-z0-9_]{0,99}$/,
    'must be the name of an environment variable, such as OPENAI_API_KEY; the key itself does not belong in this file',
  ).optional(),
  concurrency: whole(1, 10_000).default(DEFAULT_CONCURRENCY),
  simulated: flag().default(false),
});

export const roundFile = group({
  name: name().optional(),
  prompts: shorthand(
    'file',
    group({ file: text(4_000), sample: sample.default('all'), purpose: oneOf(PURPOSES).default('measure') }),
  ),
  models: listOf(model, 100, 1),
  accounts: z
    .record(z.string(), account, { error: 'must be a group of accounts, each a name, a colon and its settings' })
    .prefault({}),
  form: oneOf(FORMS).nullish(),
  manual: name().nullish(),
  capability: name().nullish(),
  overlap: whole(1, 100).default(3),
  rule: oneOf(RULES).default('majority'),
  contest_on_conflict: flag().default(true),
  one_per_prompt: flag().default(true),
  confidence: fraction().default(0.95),
  guarantee: group({ below: fraction(), confidence: fraction().default(0.95) }).nullish(),
  deadline: shorthand(
    'after',
    group({
      after: duration(MS, 3_650 * DAY).prefault('14d'),
      unresolved: oneOf(UNRESOLVED_POLICIES).default('count'),
    }),
  ).prefault({}),
  labellers: group({ groups: listOf(name(100), 100).default([]) }).prefault({}),
  lease: duration(10 * MS, 30 * DAY).prefault('30m'),
  generation: group({
    max_tries: whole(1, 100).default(5),
    timeout: duration(10 * MS, 2 * HOUR).prefault('120s'),
    retry_delay: duration(MS, HOUR).prefault('2s'),
  }).prefault({}),
  seed: seed.optional(),
  tuning: group({
    shard_size: whole(1, 2_000).default(200),
    chunk_size: whole(1, 500).default(25),
    window: whole(1, 10_000).optional(),
    sweep: duration(10 * MS, DAY).prefault('10m'),
    heartbeat: duration(10 * MS, HOUR).prefault('30s'),
    history_events: whole(10, 10_000).default(8_000),
    retry_cap: duration(10 * MS, HOUR).prefault('30s'),
  }).prefault({}),
});

export type RoundFile = z.output<typeof roundFile>;
export type ModelEntry = RoundFile['models'][number];
export type AccountEntry = RoundFile['accounts'][string];
