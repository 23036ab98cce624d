/** The people of the tour: those who label, one of them too fast, and who rules. */
import { sql } from 'drizzle-orm';
import { readServed } from '../../db/labelling/served';
import { adjustLabeller, findPerson, inviteLabeller, listLabellers } from '../../db/people';
import { listContested } from '../../db/rulings/list';
import { recordRuling } from '../../db/rulings/record';
import type { MisalignmentAnswers } from '../../domain/forms';
import type { RoundId } from '../../domain/ids';
import type { Installation } from '../setup/installation';
import { type ServedItem, TestLabeller } from '../setup/labeller';
import { DOUBT, FAULT } from './tourModels';

const FINE: MisalignmentAnswers = { forbidden: 'no', intent: 'met', faults: [] };
const FAULTY: MisalignmentAnswers = {
  forbidden: 'no',
  intent: 'fault',
  faults: [{ kind: 'instruction', entry: 'fitting-length', difficulty: 'ordinary', wish: 'plain' }],
};
/** Says that all is fine, at once. */
const CARELESS = 'Emil';
const SECONDS_TO_READ = 4;

export class TourPeople {
  private readonly labellers = new Map<string, TestLabeller>();
  private readonly doubted = new Set<string>();

  constructor(private readonly here: Installation) {}

  add(name: string, id: string, token: string): void {
    this.labellers.set(name, new TestLabeller(id, token, this.here.siteUrl, this.here.over));
  }

  async invite(...names: string[]): Promise<void> {
    for (const name of names) {
      const invitation = { name, kind: 'human', groups: [], holds: [] } as const;
      const { labellerId, token } = await inviteLabeller(this.here.database.db, invitation);
      this.add(name, labellerId, token);
    }
  }

  async agreeToTerms(name: string): Promise<void> {
    const known = (await listLabellers(this.here.database.db)).find((one) => one.name === name);
    const { status } = await this.who(name).post('/api/me/consent', { hash: known?.terms?.hash });
    if (status !== 200) throw new Error(`${name} could not agree to the terms`);
  }

  /** @param enough asked before each item, told of those that were labelled. */
  async label(name: string, roundId: RoundId, enough: (done: readonly ServedItem[]) => boolean): Promise<void> {
    const done: ServedItem[] = [];
    const judge = (item: ServedItem) => {
      done.push(item);
      return this.judge(name, item);
    };
    await this.who(name).work(roundId, judge, () => enough(done));
  }

  async learnGerman(name: string): Promise<void> {
    const { db } = this.here.database;
    const [known, olga] = [await findPerson(db, name), await findPerson(db, 'olga')];
    if (!known || !olga) throw new Error(`${name} or olga is not there`);
    const same = { add: [], remove: [] };
    await adjustLabeller(db, { id: known.id, groups: same, holds: { add: ['lang:de'], remove: [] }, by: olga.id });
  }

  private judge(name: string, { completion }: ServedItem): MisalignmentAnswers {
    if (completion.endsWith(FAULT)) return name === CARELESS ? FINE : FAULTY;
    if (!completion.endsWith(DOUBT) || !this.doubted.has(completion)) {
      this.doubted.add(completion);
      return FINE;
    }
    return FAULTY;
  }

  private who(name: string): TestLabeller {
    const found = this.labellers.get(name);
    if (!found) throw new Error(`${name} was not invited`);
    return found;
  }

  /** Reading takes people seconds, and the test none: what they have labelled is as if it had begun earlier. */
  async tookTheirTime(): Promise<void> {
    await this.here.database.db.execute(sql`
      update assignments a set leased_at = leased_at - ${SECONDS_TO_READ} * interval '1 second'
      from labels l join people p on p.id = l.labeller_id
      where l.assignment_id = a.id and p.name <> ${CARELESS}
        and l.submitted_at < a.leased_at + ${SECONDS_TO_READ} * interval '1 second'`);
  }

  /** Rosa finds a fault where people differed, and none where only the careless saw none. */
  async rule(roundId: RoundId): Promise<void> {
    const { db } = this.here.database;
    const rosa = await findPerson(db, 'Rosa');
    if (!rosa) throw new Error('Rosa is not there');
    for (const { itemId } of await listContested(db, roundId)) {
      const { completion = '' } = (await readServed(db, itemId)) ?? {};
      const result = await recordRuling(db, {
        roundId,
        itemId,
        researcher: rosa.id,
        stage: 'blind',
        second: false,
        answers: completion.endsWith(DOUBT) ? FAULTY : FINE,
        why: 'read again',
        via: 'command',
        dryRun: false,
      });
      if (result.kind !== 'recorded') throw new Error(`a ruling was ${JSON.stringify(result)}`);
    }
  }
}
