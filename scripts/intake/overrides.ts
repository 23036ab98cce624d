/** `--set key=value`: settings given on the command line, laid over those of the file before anything is checked. */
import type { Problem } from '../../domain/problems';
import { type FieldPath, parseYaml } from './yaml';

export interface Override {
  /** As typed, for error messages: `--set deadline.after`. The value is not repeated. */
  flag: string;
  path: FieldPath;
  value: unknown;
}

/** Where a group may be written as a single text, the setting that the text stands for. */
const SHORT_FOR: { path: RegExp; setting: string }[] = [
  { path: /^prompts$/, setting: 'file' },
  { path: /^deadline$/, setting: 'after' },
  { path: /^models\.\d+$/, setting: 'name' },
  { path: /^prompts\.strata$/, setting: 'by' },
  { path: /^budget$/, setting: 'money' },
  { path: /^wages$/, setting: 'per_hour' },
];

export function readOverrides(texts: readonly string[]): { overrides: Override[]; problems: Problem[] } {
  const overrides: Override[] = [];
  const problems: Problem[] = [];
  for (const text of texts) {
    const equals = text.indexOf('=');
    const key = (equals < 0 ? text : text.slice(0, equals)).trim();
    const flag = `--set ${key}`;
    const wrong = (message: string) =>
      problems.push({ kind: 'spec', message, hint: 'write --set overlap=5 or --set generation.timeout=60s', at: flag });
    const segments = key.split('.');
    if (equals < 0 || segments.some((segment) => segment === '')) {
      wrong('must be a setting, an equals sign and a value');
      continue;
    }
    const parsed = parseYaml(text.slice(equals + 1), () => flag);
    if ('problems' in parsed) problems.push(...parsed.problems);
    else overrides.push({ flag, path: segments.map(toSegment), value: parsed.parsed.value });
  }
  return { overrides, problems };
}

function toSegment(text: string): string | number {
  return /^\d{1,4}$/.test(text) ? Number(text) : text;
}

/** Lays the overrides over the file's value, which is left as it is. */
export function applyOverrides(
  value: unknown,
  overrides: readonly Override[],
): { value: unknown; problems: Problem[] } {
  const problems: Problem[] = [];
  let changed = value;
  for (const override of overrides) {
    try {
      changed = withValueAt(changed, override.path, override.value, []);
    } catch (error) {
      if (!(error instanceof NoPlace)) throw error;
      problems.push({ kind: 'spec', message: error.message, at: override.flag });
    }
  }
  return { value: changed, problems };
}

class NoPlace extends Error {}

function withValueAt(container: unknown, path: FieldPath, value: unknown, above: FieldPath): unknown {
  const [segment, ...rest] = path;
  if (segment === undefined) return value;
  const here = [...above, segment];
  if (Array.isArray(container)) {
    if (typeof segment !== 'number' || segment >= container.length) {
      throw new NoPlace(`${above.join('.')} is a list of ${container.length}: 0 names its first entry`);
    }
    return container.map((entry: unknown, i) => (i === segment ? withValueAt(entry, rest, value, here) : entry));
  }
  const fields = new Map(Object.entries(asGroup(container, above)));
  fields.set(String(segment), withValueAt(fields.get(String(segment)), rest, value, here));
  return Object.fromEntries(fields);
}

function asGroup(value: unknown, path: FieldPath): object {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object') return value;
  const short = SHORT_FOR.find((entry) => entry.path.test(path.join('.')));
  if (!short) throw new NoPlace(`${path.join('.')} is a single value and has no settings of its own`);
  return { [short.setting]: value };
}

/** The last override that gave the value at a path, whole or in part. */
export function overrideOf(overrides: readonly Override[], path: FieldPath): Override | undefined {
  return overrides.findLast((override) => override.path.every((segment, i) => String(segment) === String(path[i])));
}
