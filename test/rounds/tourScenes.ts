/** What happens around the commands of the tour: which key is wrong, who labels, when something is waited for. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Tour } from './tour';
import { NIGHTLY, QUICK_TUNING } from './tourFiles';
import { LABELLING } from './tourLabelling';
import type { Scene } from './tourScene';

const START = 'plumbline round start support/round.yaml --seed 7';

const FILE: Scene = {
  files: [
    (tour, text) => {
      const moved = text.replaceAll(/http:\/\/[^"]*/g, tour.here.model.baseUrl);
      return write(tour, 'support/round.yaml', moved + QUICK_TUNING);
    },
    (tour, text) => tour.startWorker(text, { SECOND_API_KEY: 'sk-with-a-letter-wrong' }),
  ],
};

const PEOPLE: Scene = {
  commands: {
    'plumbline labeller invite': {
      before: async (tour) => void (await tour.type(`${START} --dry-run`)),
      async after(tour, { lines }) {
        const text = lines.join('\n');
        tour.people.add('Anna', /p_\w+/.exec(text)?.[0] ?? '', /plt_\S+/.exec(text)?.[0] ?? '');
        await tour.people.invite('Ben', 'Cleo', 'Dora', 'Emil');
      },
    },
  },
};

const DRY_RUN: Scene = {
  shown: [
    async (tour, documented) =>
      tour.checkAmong(documented, await tour.type(`${START} --dry-run --set prompts.sample=20`)),
    async (tour, documented) => {
      const printed = await tour.type(START);
      tour.check([{ text: '…', at: '' }, ...documented], printed);
      tour.watch(/started (\S+),/.exec(printed.lines.join('\n'))?.[1] ?? '');
    },
  ],
};

/** Eight answers come, and more only once the screen was seen; the second key is refused. */
const WATCHING: Scene = {
  shown: [
    async (tour, documented) => {
      await tour.until('the large model is refused', ({ items }) => items.failed === 30);
      await tour.frame();
      tour.models.medium.open(8);
      await tour.untilSeen(documented, 'plumbline round watch latest', async () => [await tour.frame()]);
    },
  ],
  commands: {
    'plumbline down': {
      async instead(tour) {
        await tour.type('plumbline round show latest');
        tour.models.medium.open();
        await tour.until('all answers of the medium model', ({ items }) => items.generated === 30);
        await tour.stopWorker();
      },
    },
    'plumbline up': { instead: (tour) => tour.startWorker() },
  },
};

const PAUSE: Scene = {
  commands: {
    'plumbline round pause': {
      async before(tour) {
        await tour.people.agreeToTerms('Anna');
        tour.models.large.open(4);
        await tour.until('some answers of the large model', ({ items }) => items.generated === 34);
      },
    },
    'plumbline round show': {
      async before(tour) {
        tour.models.large.open();
        await tour.until('no call is under way', ({ calls }) => calls.inFlight === 0);
      },
    },
  },
};

/** The endpoint takes six calls at once, answers six, and then what it had told to come again. */
const NIGHT: Scene = {
  commands: {
    'plumbline schedule create': { before: (tour) => write(tour, 'support/nightly.yaml', NIGHTLY) },
    'plumbline schedule trigger': {
      before({ models }) {
        models.medium.close();
        models.allows = 6;
      },
      after: (tour) => tour.untilRunOf('nightly'),
    },
    'plumbline schedule pause': {
      before: async (tour) => void (await tour.type('plumbline schedule trigger nightly')),
    },
  },
  shown: [
    async (tour, documented) => {
      await tour.untilStanding('some are told to wait', ({ calls }) => calls.rateLimited >= 4 && calls.inFlight === 6);
      tour.models.onlyAgain = true;
      tour.models.medium.open(6);
      await tour.untilStanding(
        'six are answered, and six that were told to wait are under way',
        ({ calls, items }) => items.generated === 6 && calls.retrying === 6 && calls.inFlight === 6,
      );
      await tour.untilSaid(documented, 'plumbline round watch latest');
    },
  ],
};

/** By the number of the section. */
export const SCENES: Readonly<Record<string, Scene>> = {
  '2': FILE,
  '3': PEOPLE,
  '4': DRY_RUN,
  '5': WATCHING,
  '6': PAUSE,
  ...LABELLING,
  '11': NIGHT,
};

function write({ here }: Tour, file: string, text: string): Promise<void> {
  return writeFile(path.join(here.dir, file), text);
}
