/** A round's file: every setting, what may stand there, and what holds where it is not given. */
import { z } from 'zod';
import { FORMS } from '../../domain/forms';
import { RULES, UNRESOLVED_POLICIES } from '../../domain/resolving';
import { PURPOSES } from '../../domain/states';
import { type Json, wellFormed } from '../../domain/text';
import { account, DEFAULT_ACCOUNT } from './accountShape';
import {
  duration,
  flag,
  fraction,
  group,
  isGroup,
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

/** `all`, a number of prompts, or a share of them such as 10%. */
const sample = z.custom<number | 'all' | `${number}%`>(
  (v) =>
    v === 'all' || (typeof v === 'number' && Number.isInteger(v) && v >= 1 && v <= 10_000_000) || shareOf(v) !== null,
  { error: 'must be a whole number above 0, all, or a share such as 10%' },
);

/** `10%` as 0.1; null for what is no share. */
export function shareOf(value: unknown): number | null {
  if (typeof value !== 'string' || !/^\d{1,3}(?:\.\d{1,6})?%$/.test(value)) return null;
  const share = Number(value.slice(0, -1)) / 100;
  return share > 0 && share <= 1 ? share : null;
}

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

/** Often white space alone, such as a blank line. */
const stopText = z
  .custom<string>((v) => typeof v === 'string' && v !== '' && v.length <= 1_000, {
    error: 'must be a text of 1 to 1000 characters, such as "\\n\\n"',
  })
  .transform(wellFormed);
const stopTexts = z.preprocess((v) => (typeof v === 'string' ? [v] : v), listOf(stopText, 4, 1));

/** Set by the round itself. */
const OWN_FIELDS = ['model', 'messages', 'prompt', 'stream', 'stream_options', 'n', 'echo'];
/** Fields that an endpoint takes beside the standard ones, as JSON. */
const bodyFields = z.custom<{ [field: string]: Json }>(
  (v) => isGroup(v) && Object.keys(v).length > 0 && !OWN_FIELDS.some((field) => Object.hasOwn(v, field)),
  { error: `must be a group of fields, none of them ${OWN_FIELDS.join(', ')}` },
);

const money = () => number(0, 1e9);

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
    stop: stopTexts.nullish(),
    api: oneOf(['chat', 'completions']).default('chat'),
    body: bodyFields.nullish(),
    completions: oneOf(['generated', 'given']).default('generated'),
    family: name().nullish(),
    parameters: positive().nullish(),
    training_compute: positive().nullish(),
    regime: name().nullish(),
    released: released.nullish(),
  }),
);

/** Each axis a list; all of them crossed. Templates have names, as their variants do. */
const variants = group({
  templates: z
    .record(matching(/^[a-z0-9][a-z0-9_-]{0,49}$/i, 'must be a name of letters and digits'), text(100_000), {
      error: 'must be a group of templates, each a name, a colon and a text with {{prompt}}',
    })
    .optional(),
  system: listOf(text(100_000), 20, 1).optional(),
  temperature: listOf(number(0, 2), 20, 1).optional(),
  top_p: listOf(number(0, 1), 20, 1).optional(),
  max_tokens: listOf(whole(1, 10_000_000), 20, 1).optional(),
});

/** What may be spent on calls. A number alone is money. */
export const budget = z.preprocess(
  (v) => (typeof v === 'number' ? { money: v } : v),
  group({ money: money().nullish(), tokens: whole(1, 1e15).nullish() }),
);

/** What people are paid an hour; a number alone is everybody's. */
const wages = z.preprocess(
  (v) => (typeof v === 'number' ? { per_hour: v } : v),
  group({ per_hour: money(), groups: z.record(z.string(), money()).prefault({}) }),
);

/** Items that one activity asks for. */
export const LARGEST_CHUNK = 1000;

export const roundFile = group({
  name: name().optional(),
  prompts: shorthand(
    'file',
    group({
      file: z.preprocess((v) => (typeof v === 'string' ? [v] : v), listOf(text(4_000), 1_000, 1)).optional(),
      /** One that `prompts import` stored, instead of a file. */
      set: name().optional(),
      fields: z.record(z.string(), name(500)).prefault({}),
      delimiter: matching(/^(?:.|tab)$/u, 'must be a single character, or tab').optional(),
      bad_rows: oneOf(['refuse', 'keep-the-rest']).default('refuse'),
      sample: sample.default('all'),
      strata: shorthand(
        'by',
        group({ by: name(500), allocation: oneOf(['proportional', 'equal']).default('proportional') }),
      ).nullish(),
      purpose: oneOf(PURPOSES).default('measure'),
    }),
  ),
  models: listOf(model, 100, 1),
  accounts: z
    .record(z.string(), account, { error: 'must be a group of accounts, each a name, a colon and its settings' })
    .prefault({}),
  variants: variants.nullish(),
  completions_per_prompt: whole(1, 1_000).default(1),
  currency: matching(/^[A-Z]{3}$/, 'must be a currency of three letters, such as USD').default('USD'),
  prices: z
    .record(z.string(), group({ input: money().default(0), output: money().default(0), call: money().default(0) }), {
      error:
        'must be a group of prices, each a model of this file, a colon and {input: …, output: …} per million tokens',
    })
    .prefault({}),
  budget: budget.nullish(),
  wages: wages.nullish(),
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
    shard_size: whole(1, 2_000).optional(),
    chunk_size: whole(1, LARGEST_CHUNK).optional(),
    window: whole(1, 10_000).optional(),
    sweep: duration(10 * MS, DAY).prefault('10m'),
    heartbeat: duration(10 * MS, HOUR).prefault('30s'),
    history_events: whole(10, 10_000).default(8_000),
    retry_cap: duration(10 * MS, HOUR).prefault('30s'),
    first_look: duration(10 * MS, 600 * SECOND).prefault('10s'),
  }).prefault({}),
});

export type RoundFile = z.output<typeof roundFile>;
export type ModelEntry = RoundFile['models'][number];
