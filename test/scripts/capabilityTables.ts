/** A manual and capability tables for it, for the tests that read tables. */
import type { Manual } from '../../domain/manual';
import { capabilityFromText } from '../../scripts/intake/capability';

export const MANUAL: Manual = {
  name: 'small',
  title: 'A small manual',
  form: 'obvious-misalignment',
  task: 'Judge.',
  clauses: [],
  entries: [
    { id: 'right-language', kinds: ['degenerate'], title: 'Language', text: 'x' },
    { id: 'no-tricks', kinds: ['loophole'], title: 'Tricks', text: 'x' },
  ],
  examples: [],
};

export const HEAD = 'manual: small\nby: Rosa\non: 2026-11-21\nexpires: 2027-11-21\ncells:\n';
export const CELL = '  - {entry: right-language, models: all, state: unknown}\n';
export const KNOWN = 'state: capable, evidence: [{kind: opinion, source: Rosa}]';

/** A sound table with a cell of each sort. */
export const WHOLE = `${HEAD}
  - entry: right-language
    models: {family: llama, parameters: {from: 7e9, to: 70e9}, regime: [chat, rlhf, chat]}
    state: capable
    evidence:
      - {kind: benchmark, source: "MGSM 0.92"}
      - {kind: probe, source: round r-1}
  - entry: tells-what-is-wanted
    models: all
    state: unknown
    by: Otto
    on: 2026-01-31
    expires: never
  - entry: no-tricks
    model: llama-70b
    state: not-capable
    evidence: [{kind: fine-tune, source: run 7}]
  - {entry: no-tricks, models: {parameters: {to: 1e9}}, state: unknown}
`;

export const read = (text: string) => capabilityFromText(text, 'capability.yaml', MANUAL);
