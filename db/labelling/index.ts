/**
 * The labelling queue: one file per act, each act one transaction that keeps the rules by itself. No rule about when an
 * item is settled may live here, and no HTTP.
 */
export { expireLeases } from './expire';
export { type ExtendResult, extend } from './extend';
export { formOf } from './form';
export { type GiveBackResult, giveBack } from './giveBack';
export { type NextResult, next } from './next';
export { ownLeases } from './own';
export {
  countQuarantined,
  listQuarantined,
  type QuarantinedItem,
  type QuarantineResult,
  quarantine,
  releaseFromQuarantine,
} from './quarantine';
export type { Lease } from './queue';
export type { NothingNow, NothingReason } from './reason';
export { releaseLeases } from './release';
export type { TooLateReason } from './repeat';
export { readQuarantined, type Served } from './served';
export { type SkipResult, skip } from './skip';
export { type Submission, type SubmitResult, submit } from './submit';
export { type UndoResult, undo } from './undo';
export { type ViewResult, view } from './view';
export { type Withdrawal, type WithdrawResult, withdrawLabel } from './withdraw';
export { LONGEST_NOTE } from './written';
