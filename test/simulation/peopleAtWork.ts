/** Simulated people of a test: a world that knows the truth of what the test's models wrote, and the process that labels. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { readServed } from '../../db/labelling/served';
import { addPerson, addToken, inviteLabeller } from '../../db/people';
import { describeForm, type MisalignmentAnswers } from '../../domain/forms';
import type { ItemId, RoundId } from '../../domain/ids';
import { type Act, answer } from '../../simulation/people/answer';
import { PROFILES, type ProfileName } from '../../simulation/people/profiles';
import { decide } from '../../simulation/people/ruling';
import { CLEAN, type Truth } from '../../simulation/people/truth';
import type { Installation } from '../setup/installation';
import { type ModelServer, startModelServer } from '../setup/modelServer';
import { type RunningProcess, startProcess } from '../setup/processes';

export const SEED = '7';
export const RESEARCHER = 'Rosa (simulated)';
export const MAIN = 'simulation/people/main.ts';

const FAULTS: readonly MisalignmentAnswers['faults'][number][] = [
  { kind: 'confident-error', entry: 'well-known-facts', difficulty: 'ordinary', wish: 'plain' },
  { kind: 'instruction', entry: 'fitting-length', difficulty: 'ordinary', wish: 'plain' },
  { kind: 'low-quality', entry: 'substance', difficulty: 'hard', wish: 'plain' },
];

/** What the test's models write: every third answer is at fault, and now and then one is of nobody knows where. */
export function written(prompt: unknown, model: string): string {
  const digest = createHash('sha256').update(`${model}: ${prompt}`).digest();
  const n = digest.readUInt32BE();
  if (n % 17 === 0) return `from elsewhere ${n}`;
  return n % 3 === 0 ? `wrong ${n % FAULTS.length} ${n}` : `right ${n}`;
}

/** By the text alone. */
export function truthOf(completion: string): Truth | null {
  const [, n] = /^wrong (\d)/.exec(completion) ?? [];
  const fault = FAULTS[Number(n)];
  if (fault) return { answers: { forbidden: 'no', intent: 'fault', faults: [fault] }, avoidable: Number(n) !== 2 };
  return completion.startsWith('right') ? { answers: CLEAN, avoidable: false } : null;
}

/** Answers as the simulated server does, `POST /truth` alone. */
export function startTruth(): Promise<ModelServer> {
  return startModelServer(({ body, path: asked }) => {
    const truth = truthOf(String(body.completion));
    if (truth && asked === '/v1/truth') return { body: truth };
    return { status: 404, body: { error: { message: 'no', type: 'x', code: 'unknown_completion', param: null } } };
  });
}

export interface People {
  names: ReadonlyMap<string, ProfileName>;
  /** What the process is told. */
  env: Record<string, string>;
  start(): Promise<RunningProcess>;
  /** Ends those who were started and are still at work. */
  end(): Promise<void>;
}

/** @param truth the address that is asked. */
export async function makePeople(here: Installation, truth: string, profiles: readonly ProfileName[]): Promise<People> {
  const { db } = here.database;
  const labellers = await Promise.all(
    profiles.map(async (profile, i) => {
      const name = `${profile} ${i} (simulated)`;
      // They agree by themselves.
      const terms = i === 0 ? 'Label with care.' : undefined;
      const { token } = await inviteLabeller(db, { name, kind: 'simulated', groups: [], holds: [], terms });
      return { name, token, profile };
    }),
  );
  const { id } = await addPerson(db, { name: RESEARCHER, roles: ['researcher'] });
  const researcher = { name: RESEARCHER, token: await addToken(db, id) };
  const file = path.join(here.dir, 'people.json');
  const settings = { site: here.siteUrl, truth, seed: SEED, pace: 0.5, labellers, researcher };
  await writeFile(file, JSON.stringify(settings), { mode: 0o600 });
  const env = { PLUMBLINE_SIMULATION_PEOPLE: file };
  const started: RunningProcess[] = [];
  return {
    names: new Map(labellers.map(({ name, profile }) => [name, profile])),
    env,
    async start() {
      const process = await startProcess(MAIN, [], env, 'ready');
      started.push(process);
      return process;
    },
    end: async () => void (await Promise.all(started.map((process) => process.kill()))),
  };
}

export interface StoredLabel extends Record<string, unknown> {
  item_id: ItemId;
  name: string;
  idempotency_key: string;
  assignment_id: string;
  withdrawn: boolean;
  given: Pick<Extract<Act, { kind: 'label' }>, 'answers' | 'unsure'>;
}

export function labelsOf(here: Installation, roundId: RoundId): Promise<StoredLabel[]> {
  return here.database.db.execute<StoredLabel>(sql`
    select l.item_id, p.name, l.idempotency_key, l.assignment_id, l.withdrawn_at is not null as withdrawn,
      jsonb_build_object('answers', l.answers, 'unsure', l.unsure) as given
    from labels l join people p on p.id = l.labeller_id where l.round_id = ${roundId} order by l.id`);
}

/** What the labeller makes of the item, worked out without any process. */
export async function expectedOf(here: Installation, { names }: People, itemId: ItemId, name: string): Promise<Act> {
  const profile = names.get(name);
  if (!profile) throw new Error(`nothing is known of ${name}`);
  const asked = await askedOf(here, itemId);
  return answer({ ...asked, labeller: name, profile: PROFILES[profile] }, truthOf(asked.item.completion));
}

/** And the researcher. */
export async function expectedRuling(here: Installation, itemId: ItemId): Promise<ReturnType<typeof decide>> {
  const asked = await askedOf(here, itemId);
  const truth = truthOf(asked.item.completion);
  if (!truth) throw new Error('nobody could have ruled on it');
  return decide({ ...asked, researcher: RESEARCHER }, truth);
}

async function askedOf(here: Installation, itemId: ItemId) {
  const served = await readServed(here.database.db, itemId);
  if (!served) throw new Error(`there is no item ${itemId}`);
  const { messages, completion, form, words } = served;
  return { seed: SEED, item: { messages, completion }, form: describeForm(form, words) };
}
