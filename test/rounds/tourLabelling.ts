/** What people do in the tour while and after the budget is reached. */
import { eq } from 'drizzle-orm';
import { items } from '../../db/schema';
import type { ServedItem } from '../setup/labeller';
import type { Tour } from './tour';
import { GERMAN } from './tourFiles';
import type { Scene } from './tourScene';

const isGerman = ({ messages }: ServedItem) => messages.some(({ content }) => String(content).includes(GERMAN));

/** Emil labels an answer to every question but the German one; Anna, who may, goes on until she had that. */
const BUDGET: Scene = {
  shown: [
    async (tour, documented) => {
      const { people, roundId } = tour;
      await tour.until('the budget is reached', ({ pause, calls }) => pause?.by === 'budget' && calls.inFlight === 0);
      tour.watch(roundId);
      await tour.frame();
      await people.label('Emil', roundId, (done) => done.length >= 29);
      await Promise.all([
        people.label('Anna', roundId, (done) => done.length >= 11 && done.some(isGerman)),
        people.label('Ben', roundId, (done) => done.length >= 11),
        people.label('Cleo', roundId, (done) => done.length >= 12),
      ]);
      await people.tookTheirTime();
      await tour.untilSeen(documented, 'plumbline round watch latest', async () => [await tour.frame()]);
    },
  ],
  commands: {
    'plumbline doctor': { after: async (tour) => void (await tour.type('plumbline round list')) },
  },
};

const PEOPLE: Scene = {
  commands: {
    'plumbline labeller suspend': {
      after: async (tour) => tour.checkQuoted('starved', await tour.type('plumbline round show latest')),
    },
    'plumbline labeller set Ben': { after: (tour) => tour.people.learnGerman('Cleo') },
  },
};

const END: Scene = {
  commands: {
    'plumbline round show': { before: finish },
    'plumbline round export': {
      after: async (tour, { by }) => void (await tour.type(by)),
    },
    'plumbline redact': {
      async before(tour, [, , given = '']) {
        const { db } = tour.here.database;
        const [item] = await db.select().from(items).where(eq(items.roundId, tour.roundId)).limit(1);
        if (/^[0-9a-f]{8}-/.test(given)) tour.ids.set(given, item?.id ?? '');
      },
    },
  },
};

/** Whoever is left labels what is left, and Rosa rules on what they differ on. */
async function finish(tour: Tour): Promise<void> {
  const { people, roundId } = tour;
  let over = false;
  const work = ['Anna', 'Ben', 'Cleo', 'Dora'].map((name) => people.label(name, roundId, () => over));
  await tour.until('nothing is left to label', (view) => view.items.generated === 60 && view.items.open === 0);
  over = true;
  await Promise.all(work);
  await people.tookTheirTime();
  await people.rule(roundId);
  await tour.until('the round is done', ({ status }) => status === 'done');
}

export const LABELLING: Readonly<Record<string, Scene>> = { '8': BUDGET, '9': PEOPLE, '10': END };
