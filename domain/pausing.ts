/** A round that stands still, as people and Temporal are told of it. */
import type { RoundStatus } from './states';

export const SHOWN_STATUSES = ['opening', 'running', 'paused', 'measuring', 'done', 'cancelled', 'failed'] as const;
export type ShownStatus = (typeof SHOWN_STATUSES)[number];

export interface Standing {
  status: RoundStatus;
  /** By a person's word: no calls, no leases. */
  pausedAt: Date | null;
  /** By itself: no calls. */
  heldAt: Date | null;
}

/** What has ended, or is being measured, stands still in no way that matters. */
export function isPaused({ status, pausedAt, heldAt }: Standing): boolean {
  return (status === 'opening' || status === 'running') && (pausedAt !== null || heldAt !== null);
}

export function shownStatus(round: Standing): ShownStatus {
  return isPaused(round) ? 'paused' : round.status;
}
