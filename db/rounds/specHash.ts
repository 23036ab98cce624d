/** The hash that a pre-registration names: all that is measured, and the seed. */
import type { ManualHash, TableHash } from '../../domain/ids';
import type { FrozenSpec } from '../../domain/spec';
import { hashJson } from '../../domain/text';

export function specHashOf({
  spec,
  seed,
  manualRevision,
  capabilityTable,
}: {
  spec: FrozenSpec;
  seed: string;
  manualRevision: ManualHash | null;
  capabilityTable: TableHash | null;
}): string {
  return hashJson({ spec, seed, manualRevision, capabilityTable });
}
