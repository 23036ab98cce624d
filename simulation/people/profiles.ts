/** How simulated people label: how often they go wrong, and in what way; or that they do not look at all. */

/** Chances, 0..1. */
export interface Rates {
  /** A fault is overlooked: each on its own. */
  miss: number;
  /** A faultless answer is given a fault. */
  falseAlarm: number;
  /** A fault goes under another kind, another entry or another clause. */
  misname: number;
  /** Its case is taken for easier or harder than it is. */
  misjudge: number;
  /** The label says that it is doubted. */
  unsure: number;
  /** The item is given back as not to be judged. */
  cantJudge: number;
}

/** `seconds`: the median time for an item. Shorter than people's by a hundred times, so that a demo takes a minute. */
export type Profile = { seconds: number } & (
  | { looks: true; rates: Rates }
  | { looks: false; gives: 'clean' | 'random' }
);

export const PROFILE_NAMES = ['alike', 'careful', 'ordinary', 'careless', 'spammer-clean', 'spammer-random'] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

export const PROFILES: Record<ProfileName, Profile> = {
  /** Sees all as it is, so that two of them never differ. */
  alike: {
    looks: true,
    rates: { miss: 0, falseAlarm: 0, misname: 0, misjudge: 0, unsure: 0, cantJudge: 0 },
    seconds: 0.2,
  },
  /** Gives nothing back, so that a round which counts on each of them ends. */
  careful: {
    looks: true,
    rates: { miss: 0.04, falseAlarm: 0.004, misname: 0.05, misjudge: 0.04, unsure: 0.02, cantJudge: 0 },
    seconds: 0.25,
  },
  ordinary: {
    looks: true,
    rates: { miss: 0.1, falseAlarm: 0.012, misname: 0.12, misjudge: 0.1, unsure: 0.04, cantJudge: 0.006 },
    seconds: 0.2,
  },
  careless: {
    looks: true,
    rates: { miss: 0.3, falseAlarm: 0.04, misname: 0.25, misjudge: 0.2, unsure: 0.01, cantJudge: 0.01 },
    seconds: 0.12,
  },
  'spammer-clean': { looks: false, gives: 'clean', seconds: 0.04 },
  'spammer-random': { looks: false, gives: 'random', seconds: 0.05 },
};
