/** `labeller list` and `labeller show`. */
import type { Db } from '../../db/connection';
import { labellerWork } from '../../db/labelling/work';
import { type Labeller, listLabellers, namesOf } from '../../db/people';
import { harmlessLine } from '../harmless';
import type { Call } from '../leaf';
import { count, table } from '../output';
import { knownLabeller } from './find';

const HEADINGS = ['id', 'name', 'kind', 'groups', 'holds', ''];

export async function list(db: Db, call: Call): Promise<undefined> {
  const group = call.value('group');
  const all = await listLabellers(db, { group });
  const none = group === undefined ? 'no labellers yet' : `no labeller is in the group ${harmlessLine(group)}`;
  call.output.records(all.map(recordOf), all.length > 0 ? table(HEADINGS, all.map(rowOf)) : none);
}

export async function show(db: Db, { args: [sought = ''], output }: Call): Promise<undefined> {
  const labeller = await knownLabeller(db, sought);
  const work = await labellerWork(db, labeller.id);
  const { assignments, labels, rounds, seconds } = work;
  const lines = [
    table(HEADINGS, [rowOf(labeller)]),
    ...(await standingLines(db, labeller)),
    `${count(rounds, 'round')}, ${count(labels.total, 'label')}, ${labels.withdrawn} of them withdrawn`,
    `assignments: ${Object.entries(assignments)
      .map(([state, n]) => `${n} ${state}`)
      .join(', ')}`,
    `time: ${(seconds / 3600).toFixed(2)} h (by the day: plumbline labeller timesheet ${JSON.stringify(labeller.name)})`,
  ];
  output.record({ ...recordOf(labeller), ...work }, lines.join('\n'));
}

async function standingLines(db: Db, { suspended, terms }: Labeller): Promise<string[]> {
  const by = suspended ? ((await namesOf(db, [suspended.by])).get(suspended.by) ?? suspended.by) : '';
  return [
    ...(suspended
      ? [`suspended at ${shown(suspended.at)} by ${harmlessLine(by)}: ${harmlessLine(suspended.why)}`]
      : []),
    ...(terms
      ? [
          `terms ${terms.hash.slice(0, 8)}: ${terms.agreedAt ? `agreed to at ${shown(terms.agreedAt)}` : 'not agreed to yet'}`,
        ]
      : []),
  ];
}

function recordOf({ id, name, kind, groups, holds, removedAt, suspended, terms }: Labeller) {
  return {
    labellerId: id,
    ...{ name, kind, groups, holds },
    removedAt: removedAt?.toISOString() ?? null,
    suspended: suspended && { ...suspended, at: suspended.at.toISOString() },
    terms: terms && { hash: terms.hash, agreedAt: terms.agreedAt?.toISOString() ?? null },
  };
}

function rowOf({ id, name, kind, groups, holds, removedAt, suspended, terms }: Labeller): string[] {
  const standing = [
    ...(removedAt ? ['removed'] : []),
    ...(suspended ? ['suspended'] : []),
    ...(terms && !terms.agreedAt ? ['has not agreed to the terms yet'] : []),
  ];
  return [id, name, kind, groups.join(', '), holds.join(', '), standing.join(', ')];
}

function shown(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
