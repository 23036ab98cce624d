/** Who labels and rules in the demo: simulated people with tokens of their own, kept for the next start. */
import { z } from 'zod';
import type { Db } from '../../db/connection';
import { addPerson, addToken, findPerson, inviteLabeller, personOfToken } from '../../db/people';
import type { PersonId } from '../../domain/ids';
import { keep, readKept } from '../supervisor/keptFile';
import { BESIDE_GROUP, LABELLER_GROUP, peopleFile } from './folder';

/** How somebody labels: as simulation/people knows them. */
const PROFILES = ['alike', 'careful', 'ordinary', 'careless', 'spammer-clean', 'spammer-random'] as const;
type Profile = (typeof PROFILES)[number];

const member = z.object({ name: z.string(), token: z.string() });
const people = z.object({
  labellers: z.array(member.extend({ profile: z.enum(PROFILES) })),
  researcher: member,
});
export type DemoPeople = z.infer<typeof people>;

const NAMES = ['Ada', 'Ben', 'Cleo', 'Dan', 'Eva', 'Finn', 'Gita', 'Hugo', 'Ines', 'Jon', 'Kim', 'Leo'];
const RESEARCHER = 'Vera';
export const DEMO_LABELLERS = NAMES.length;
/** Who label beside a person: careful ones, unless very many spam. */
const BESIDE = NAMES.slice(3, 7);
export const BESIDE_LABELLERS = BESIDE.length;

export interface Temper {
  /** How many never look. */
  spammers: number;
  /** All who look answer alike, so that what an item ends as does not hang on who labelled it. One may not look. */
  alike: boolean;
}

/** The same people as at the last start, as they were then, where their tokens are still good. */
export async function demoPeople(db: Db): Promise<DemoPeople> {
  const before = readKept(peopleFile(), people);
  return before && (await areKnown(db, before)) ? before : invitePeople(db);
}

export function withTemper({ labellers, researcher }: DemoPeople, temper: Temper): DemoPeople {
  return { labellers: labellers.map((one, i) => ({ ...one, profile: profileOf(i, temper) })), researcher };
}

/** The last ones spam, by turns with one answer and with any; of the others one is careless and two are ordinary. */
function profileOf(place: number, { spammers, alike }: Temper): Profile {
  if (alike) return place >= NAMES.length - spammers ? 'spammer-clean' : 'alike';
  if (place >= NAMES.length - spammers) return place % 2 === 0 ? 'spammer-clean' : 'spammer-random';
  if (place === 0) return 'careless';
  return place <= 2 ? 'ordinary' : 'careful';
}

async function areKnown(db: Db, { labellers, researcher }: DemoPeople): Promise<boolean> {
  const found = await Promise.all([...labellers, researcher].map(({ token }) => personOfToken(db, token)));
  return labellers.length === NAMES.length && found.every((person) => person !== undefined);
}

async function invitePeople(db: Db): Promise<DemoPeople> {
  const labellers: DemoPeople['labellers'] = [];
  for (const wanted of NAMES) {
    const groups = BESIDE.includes(wanted) ? [LABELLER_GROUP, BESIDE_GROUP] : [LABELLER_GROUP];
    const name = await usableName(db, wanted);
    const { token } = await inviteLabeller(db, { name, kind: 'simulated', groups, holds: [] });
    labellers.push({ name, token, profile: 'careful' });
  }
  const researcher = await demoResearcher(db);
  return { labellers, researcher: { name: researcher.name, token: await addToken(db, researcher.id) } };
}

/** Whose acts the demo's manual and rulings are. */
export async function demoResearcher(db: Db): Promise<{ id: PersonId; name: string }> {
  const name = await usableName(db, RESEARCHER);
  const { id } = await addPerson(db, { name, roles: ['researcher'] });
  return { id, name };
}

/** Somebody who was removed stays so: another takes the place. */
async function usableName(db: Db, wanted: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const name = `${wanted}${number === 1 ? '' : ` ${number}`} (simulated)`;
    if (!(await findPerson(db, name))?.removedAt) return name;
  }
}

/** What the process of the simulated people reads. */
export function writePeople(told: DemoPeople & { site: string; truth: string; seed: string; pace: number }): string {
  return keep(peopleFile(), JSON.stringify(told, null, 2));
}
