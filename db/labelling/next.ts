/** Handing out the next item: the labeller's oldest lease again, a new lease, or the reason why there is none. */
import type { PersonId, RoundId } from '../../domain/ids';
import type { Db, Tx } from '../connection';
import { act } from './act';
import { expireLeases } from './expire';
import { rememberForm } from './form';
import { LIVE_LEASES, liveLeases } from './live';
import { joinRound, lockMember, type Member, type Standing } from './membership';
import { type Lease, leaseAtOnce, type Walk, walk } from './queue';
import { type NothingNow, whyNothing } from './reason';
import { readServed, type Served } from './served';

export type NextResult = { kind: 'leased'; lease: Lease; served: Served } | NothingNow | { kind: 'unknown-round' };

/** Leases that a `next` which found nothing marks as expired before it looks again. */
const EXPIRED_AT_ONCE = 8;
const LOOKS = 5;
const SECONDS_WHILE_PAUSED = 5;

/** Never more than two live leases per labeller and round, however many of these run at once. */
export async function next(db: Db, request: { roundId: RoundId; labellerId: PersonId }): Promise<NextResult> {
  for (let look = 1; look <= LOOKS; look += 1) {
    const outcome = await lookOnce(db, request);
    if (outcome.kind === 'leased') {
      const served = await readServed(db, outcome.lease.itemId);
      if (served) {
        rememberForm(outcome.lease.assignmentId, {
          labellerId: request.labellerId,
          form: served.form,
          words: served.words,
        });
        return { ...outcome, served };
      }
      // It was quarantined a moment ago, and its lease with it.
      continue;
    }
    if (outcome.kind === 'nothing') return outcome;
    if (outcome.kind === 'not-joined') {
      const joined = await joinRound(db, request.roundId, request.labellerId);
      if (joined === 'unknown-round') return { kind: 'unknown-round' };
      if (joined !== 'joined') return { kind: 'nothing', reason: joined };
      continue;
    }
    const { member, walked } = outcome;
    if (walked.busy) continue;
    if ((await expireLeases(db, { roundId: member.roundId, limit: EXPIRED_AT_ONCE })) > 0) continue;
    const nothing = await whyNothing(db, member, walked.lookedTo);
    if (nothing) return nothing;
  }
  return { kind: 'nothing', reason: 'all-leased', retryAfter: 1 };
}

type Outcome =
  | { kind: 'leased'; lease: Lease }
  | NothingNow
  | { kind: 'not-joined' }
  | { kind: 'found-nothing'; member: Member; walked: Walk };

async function lookOnce(db: Db, request: { roundId: RoundId; labellerId: PersonId }): Promise<Outcome> {
  const lease = await leaseAtOnce(db, request);
  return lease ? { kind: 'leased', lease } : act(db, (tx) => leaseOne(tx, request));
}

async function leaseOne(tx: Tx, { roundId, labellerId }: { roundId: RoundId; labellerId: PersonId }): Promise<Outcome> {
  const standing = await lockMember(tx, roundId, labellerId);
  if (standing?.kind !== 'member') return turnedAway(standing);
  const live = await liveLeases(tx, roundId, labellerId);
  const [oldest] = live;
  if (oldest && live.length >= LIVE_LEASES) return { kind: 'leased', lease: oldest };
  const walked = await walk(tx, standing);
  return walked.lease ? { kind: 'leased', lease: walked.lease } : { kind: 'found-nothing', member: standing, walked };
}

function turnedAway(standing: Exclude<Standing, Member> | undefined): Outcome {
  switch (standing?.kind) {
    case undefined:
      return { kind: 'not-joined' };
    case 'over':
      return { kind: 'nothing', reason: 'none-left' };
    case 'suspended':
    case 'not-qualified':
    case 'consent-needed':
      return { kind: 'nothing', reason: standing.kind };
    case 'paused':
      return { kind: 'nothing', reason: 'paused', retryAfter: SECONDS_WHILE_PAUSED };
  }
}
