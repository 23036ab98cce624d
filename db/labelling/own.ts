/** A labeller's own live leases with what they show, as after a reload of the page. */
import type { PersonId, RoundId } from '../../domain/ids';
import type { Tx } from '../connection';
import { liveLeases } from './live';
import type { Lease } from './queue';
import { readServed, type Served } from './served';

/** Oldest first: two at most, and those that were undone since. */
export async function ownLeases(
  tx: Tx,
  { roundId, labellerId }: { roundId: RoundId; labellerId: PersonId },
): Promise<{ lease: Lease; served: Served }[]> {
  const leases = await liveLeases(tx, roundId, labellerId);
  const own = await Promise.all(leases.map(async (lease) => ({ lease, served: await readServed(tx, lease.itemId) })));
  return own.flatMap(({ lease, served }) => (served ? [{ lease, served }] : []));
}
