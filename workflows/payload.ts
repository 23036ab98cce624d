/** What somebody sent by hand, as far as it can be read: whatever it is, reading it neither fails nor takes long. */
import { defaultPayloadConverter, type RawValue } from '@temporalio/common';

/** What goes beyond is not read: bytes, and groups or lists in one another. */
const MOST = { bytes: 20_000, levels: 10 };

/** @returns null for what is too large, nested too deep, or encoded as this SDK does not know. */
export function readPayload(sent: RawValue | undefined): unknown {
  const payload = sent?.payload;
  if (!payload || (payload.data?.length ?? 0) > MOST.bytes) return null;
  let value: unknown;
  try {
    value = defaultPayloadConverter.fromPayload(payload);
  } catch {
    return null;
  }
  return ArrayBuffer.isView(value) || isDeeper(value, MOST.levels) ? null : value;
}

/** Level by level: what is nested without end would overflow the stack of whatever descends, `JSON.stringify` too. */
function isDeeper(value: unknown, levels: number): boolean {
  let level: unknown[] = [value];
  for (let left = levels; level.length > 0; left -= 1) {
    const groups = level.filter((each) => typeof each === 'object' && each !== null);
    if (groups.length > 0 && left === 0) return true;
    level = groups.flatMap((each) => Object.values(each));
  }
  return false;
}
