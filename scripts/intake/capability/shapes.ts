/** The settings of a capability table's file. */
import { z } from 'zod';
import { EVIDENCE_KINDS } from '../../../domain/capability';
import { ABILITIES } from '../../../domain/derivation';
import { group, isGroup, listOf, matching, name, oneOf, positive, text } from '../kinds';

/** A day that there is, as 2026-11-21. */
export function isDay(value: unknown): value is string {
  if (typeof value !== 'string' || !/^[12]\d{3}-\d\d-\d\d$/.test(value)) return false;
  const at = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(value);
}

const day = z.custom<string>(isDay, { error: 'must be a day that there is, such as 2026-11-21' });
/** null: never. */
const expiry = z
  .custom<string>((v) => v === 'never' || isDay(v), {
    error: 'must be a day that there is, such as 2027-11-21, or never',
  })
  .transform((v) => (v === 'never' ? null : v));

const oneOrMany = z.preprocess(
  (v) => (typeof v === 'string' ? [v] : v),
  listOf(name(), 100, 1).transform((names) => [...new Set(names)]),
);
const fromNothing = z.custom<number>((v) => typeof v === 'number' && v >= 0 && Number.isFinite(v), {
  error: 'must be a number of at least 0, such as 7e9',
});

const pattern = group({
  family: oneOrMany.optional(),
  parameters: group({ from: fromNothing.optional(), to: positive().optional() }).optional(),
  regime: oneOrMany.optional(),
});
const models = z
  .custom<unknown>((v) => v === 'all' || isGroup(v), {
    error: 'must be all, or a group with family, parameters or regime',
  })
  .transform((v) => (v === 'all' ? {} : v))
  .pipe(pattern);

const evidence = group({ kind: oneOf(EVIDENCE_KINDS), source: text(2_000) });

const MOST_CELLS = 5_000;

/** `by`, `on` and `expires` hold for cells that do not say. */
export const fileShape = group({
  manual: matching(/^[a-z0-9-]{1,60}$/, 'must be the name of a manual, such as starter'),
  by: name().optional(),
  on: day.optional(),
  expires: expiry.optional(),
  cells: listOf(z.unknown(), MOST_CELLS),
});
export const cellShape = group({
  entry: text(100),
  model: name().optional(),
  models: models.optional(),
  state: oneOf(ABILITIES),
  evidence: listOf(evidence, 100).default([]),
  by: name().optional(),
  on: day.optional(),
  expires: expiry.optional(),
});
export type FileHead = z.output<typeof fileShape>;
export type CellEntry = z.output<typeof cellShape>;
