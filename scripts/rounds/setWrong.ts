/** What keeps a `key=value` from being taken. */
import type { z } from 'zod';
import { parseYaml } from '../intake/yaml';

export class Wrong extends Error {
  constructor(
    message: string,
    readonly hint?: string,
    readonly kind = 'setting',
  ) {
    super(message);
  }
}

/** As YAML has it, so that numbers are numbers. @throws Wrong for what is no YAML. */
export function yamlOf(text: string): unknown {
  const read = parseYaml(text, () => '');
  if ('problems' in read) throw new Wrong(read.problems[0].message);
  return read.parsed.value;
}

/** @throws Wrong with what may stand there. */
export function checked<T>(shape: z.ZodType<T>, value: unknown): T {
  const read = shape.safeParse(value);
  if (read.success) return read.data;
  throw new Wrong(read.error.issues[0]?.message ?? 'is not what may stand there');
}
