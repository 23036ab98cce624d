/** Who labels and rules in the demo: simulated people with tokens of their own, kept for the next start. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Db } from '../../db/connection';
import { addPerson, addToken, inviteLabeller, listPeople, personOfToken } from '../../db/people';
import type { PersonId } from '../../domain/ids';
import { actingPerson } from '../acting';
import type { Call } from '../leaf';
import { BESIDE_GROUP, LABELLER_GROUP, peopleFile, writePrivately } from './folder';

/** How somebody labels: as simulation/people knows them. */
const PROFILES = ['alike', 'careful', 'ordinary', 'careless', 'spammer-clean', 'spammer-random'] as const;
type Profile = (typeof PROFILES)[number];

const member = z.object({ name: z.string(), token: z.string() });
const people = z.object({
  labellers: z.array(member.extend({ profile: z.enum(PROFILES) })),
  researcher: member,
});
export type DemoPeople = z.infer<typeof people>;

const NAMES = ['Ada', 'Ben', 'Cleo', 'Dan', 'Eva', 'Finn', 'Gita', 'Hugo', 'Ines', 'Jon', 'Kim', 'Leo'].map(
  (name) => `${name} (simulated)`,
);
const RESEARCHER = 'Rosa (simulated)';
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

/** The same people as at the last start where their tokens are still good. */
export async function demoPeople(db: Db, temper: Temper): Promise<DemoPeople> {
  const before = readPeople();
  const kept = before && (await areKnown(db, before)) ? before : await invitePeople(db);
  const labellers = kept.labellers.map((one, i) => ({ ...one, profile: profileOf(i, temper) }));
  return { ...kept, labellers };
}

/** The last ones spam, by turns with one answer and with any; of the others one is careless and two are ordinary. */
function profileOf(place: number, { spammers, alike }: Temper): Profile {
  if (alike) return place >= NAMES.length - spammers ? 'spammer-clean' : 'alike';
  if (place >= NAMES.length - spammers) return place % 2 === 0 ? 'spammer-clean' : 'spammer-random';
  if (place === 0) return 'careless';
  return place <= 2 ? 'ordinary' : 'careful';
}

function readPeople(): DemoPeople | undefined {
  try {
    return people.safeParse(JSON.parse(readFileSync(peopleFile(), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

async function areKnown(db: Db, { labellers, researcher }: DemoPeople): Promise<boolean> {
  const found = await Promise.all([...labellers, researcher].map(({ token }) => personOfToken(db, token)));
  return labellers.length === NAMES.length && found.every((person) => person !== undefined);
}

async function invitePeople(db: Db): Promise<DemoPeople> {
  const labellers: DemoPeople['labellers'] = [];
  for (const name of NAMES) {
    const groups = BESIDE.includes(name) ? [LABELLER_GROUP, BESIDE_GROUP] : [LABELLER_GROUP];
    const { token } = await inviteLabeller(db, { name, kind: 'simulated', groups, holds: [] });
    labellers.push({ name, token, profile: 'careful' });
  }
  return { labellers, researcher: { name: RESEARCHER, token: await addToken(db, await demoResearcher(db)) } };
}

/** Whose acts the demo's manual and rulings are. */
export async function demoResearcher(db: Db) {
  return (await addPerson(db, { name: RESEARCHER, roles: ['researcher'] })).id;
}

/** What the process of the simulated people reads. */
export function writePeople(told: DemoPeople & { site: string; truth: string; seed: string; pace: number }): string {
  return writePrivately(peopleFile(), JSON.stringify(told, null, 2));
}

/** Who starts the demo's round: the one that is named, else the first operator by name. */
export async function demoOperator(db: Db, call: Call): Promise<PersonId> {
  const deed = { action: 'round.start', subject: 'demo', roles: ['operator'] as const };
  const operators = (await listPeople(db)).filter(({ roles, removedAt }) => roles.includes('operator') && !removedAt);
  const [first] = operators;
  return call.value('as') === undefined && first ? first.id : (await actingPerson(db, call, deed)).id;
}
