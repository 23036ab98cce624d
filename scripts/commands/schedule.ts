import type { Command } from 'commander';
import { withDatabase } from '../finding';
import { addLeaf, addNoun, type Flag } from '../leaf';
import { backfill } from '../schedules/backfill';
import { create } from '../schedules/create';
import { list } from '../schedules/list';
import { remove } from '../schedules/remove';
import { show } from '../schedules/show';
import { pause, resume, trigger } from '../schedules/steer';

const WHY: Flag = { flags: '--why <text>', text: 'the reason, for the record' };
const OVERLAP = ['skip', 'buffer-one', 'allow-all'];

const TIMES: Flag[] = [
  { flags: '--cron <fields>', text: 'minute, hour, day of month, month, day of week; both days must fit' },
  { flags: '--every <time>', text: 'an interval such as 7d, counted from --start, else from now' },
  { flags: '--at <time>', text: 'a time of day, every day or on weekdays: "09:00", "mon,thu 09:00"' },
  { flags: '--time-zone <name>', text: 'what the hours are of, such as Europe/Berlin', default: 'UTC' },
  { flags: '--jitter <time>', text: 'puts each run off by a random time up to this' },
  { flags: '--start <moment>', text: 'no run before it, such as 2026-12-01T09:00Z' },
  { flags: '--overlap <policy>', text: 'while a round is not over', choices: OVERLAP, default: 'skip' },
  { flags: '--catch-up <time>', text: 'how late a run missed while Temporal was down is made up for', default: '1d' },
  { flags: '--no-pause-on-failure', text: 'goes on after a run whose round could not be started' },
];

export function addScheduleCommands(program: Command): void {
  const example = 'schedule create weekly round.yaml --at "mon 09:00" --time-zone Europe/Berlin';
  const schedule = addNoun(program, 'schedule', 'rounds that repeat', example);
  addLeaf(schedule, {
    usage: 'create <name> <spec>',
    text: 'starts rounds of a spec again and again, each with a draw of its own; the plan is stored as it is now',
    flags: [
      ...TIMES,
      { flags: '--seed <n>', text: 'the seeds of all runs are derived from it; left out: the spec’s, else random' },
      { flags: '--set <key=value>', text: 'lays a setting over the spec’s, such as prompts.sample=20', repeats: true },
      { flags: '--keys-elsewhere', text: 'the model keys are with the workers only: do not look for them here' },
      { flags: '--paused', text: 'begins paused' },
      WHY,
    ],
    examples: [example, 'schedule create nightly round.yaml --every 1d --start 2026-12-01T02:00Z --json'],
    acts: true,
    mutates: true,
    run: create,
  });
  addLeaf(schedule, {
    usage: 'list',
    text: 'every schedule, with its next run and its last rounds',
    examples: ['schedule list', 'schedule list --json'],
    run: (call) => withDatabase((db) => list(db, call)),
  });
  addLeaf(schedule, {
    usage: 'show <name>',
    text: 'what a schedule starts, when, and what came of it',
    examples: ['schedule show weekly', 'schedule show weekly --json'],
    run: (call) => withDatabase((db) => show(db, call)),
  });
  addLeaf(schedule, {
    usage: 'pause <name>',
    text: 'starts no round until it is resumed; rounds under way go on',
    flags: [WHY],
    examples: ['schedule pause weekly --why "labellers are away"'],
    acts: true,
    mutates: true,
    run: (call) => withDatabase((db) => pause(db, call)),
  });
  addLeaf(schedule, {
    usage: 'resume <name>',
    text: 'ends a pause, also the one after a round that could not be started',
    flags: [WHY],
    examples: ['schedule resume weekly'],
    acts: true,
    mutates: true,
    run: (call) => withDatabase((db) => resume(db, call)),
  });
  addLeaf(schedule, {
    usage: 'trigger <name>',
    text: 'starts a round now, also while the schedule is paused',
    flags: [
      { flags: '--overlap <policy>', text: 'while a round is not over; left out: the schedule’s', choices: OVERLAP },
      WHY,
    ],
    examples: ['schedule trigger weekly', 'schedule trigger weekly --overlap allow-all --why "a new model came out"'],
    acts: true,
    mutates: true,
    run: (call) => withDatabase((db) => trigger(db, call)),
  });
  addLeaf(schedule, {
    usage: 'backfill <name>',
    text: 'starts the runs of a time that has passed; asks before more than twenty',
    flags: [
      { flags: '--from <moment>', text: 'such as 2026-11-01 or 2026-11-01T00:00Z', required: true },
      { flags: '--to <moment>', text: 'the same; both moments count', required: true },
      {
        flags: '--overlap <policy>',
        text: 'left out: one after the other, all of them',
        choices: [...OVERLAP, 'buffer-all'],
      },
      { flags: '--yes', text: 'start them however many they are' },
      WHY,
    ],
    examples: [
      'schedule backfill weekly --from 2026-11-01 --to 2026-11-15',
      'schedule backfill weekly --from 2026-11-01 --to 2026-11-15 --dry-run',
    ],
    acts: true,
    mutates: true,
    run: (call) => withDatabase((db) => backfill(db, call)),
  });
  addLeaf(schedule, {
    usage: 'delete <name>',
    text: 'ends a schedule; its rounds stay',
    flags: [WHY],
    examples: ['schedule delete weekly --why "measured by hand from now on"'],
    acts: true,
    mutates: true,
    run: (call) => withDatabase((db) => remove(db, call)),
  });
}
