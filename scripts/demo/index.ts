/** `plumbline demo`, which `npm start` is: a whole round of simulated models and labellers, from nothing to its report. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Db } from '../../db/connection';
import { showRound } from '../../db/rounds/show';
import type { RoundStanding } from '../../db/rounds/standing';
import type { PersonId } from '../../domain/ids';
import { actingPerson } from '../acting';
import { CommandError, EXIT } from '../failures';
import { withDatabase } from '../finding';
import type { Call } from '../leaf';
import { follow } from '../rounds/watch';
import { type FileLock, tryExclusive } from '../services/locks';
import { onStopRequest, type StopRequest } from '../supervisor/stopRequest';
import { demoFolder } from './folder';
import { keepDemoManual } from './manual';
import { type DemoOptions, readOptions, USUAL_TEMPER } from './options';
import { BESIDE_LABELLERS, demoPeople, demoResearcher, withTemper, writePeople } from './people';
import { haveItUp, type Plumbline } from './plumbline';
import { refuseAmongRealRounds } from './real';
import { writeReport } from './report';
import { type DemoRound, demoRound } from './round';
import { DEMO_ROUND, writeBesideSpec } from './spec';
import { truthOfRound } from './truth';
import { describeOutcome, GOODBYE, recordOfOutcome, WELCOME, whatNext } from './words';
import { SimulatedWorld } from './world';

export async function demo(call: Call): Promise<number> {
  const options = readOptions(call);
  const lock = takeDemoLock();
  try {
    if (!call.output.json) call.output.note(WELCOME);
    return await new Demo(call, options).run();
  } finally {
    lock.release();
  }
}

/** Somebody has called it off meanwhile. */
function ended({ roundId, status, statusReason }: RoundStanding): CommandError {
  const message = `the demo's round ${roundId} is ${status}${statusReason ? `: ${statusReason}` : ''}`;
  return new CommandError({ kind: 'round-ended', message, hint: 'the next start begins another one' });
}

function takeDemoLock(): FileLock {
  mkdirSync(demoFolder(), { recursive: true, mode: 0o700 });
  const lock = tryExclusive(path.join(demoFolder(), 'demo.lock'));
  if (lock) return lock;
  const message = 'a demo runs here already';
  const hint = 'it is in another terminal: Ctrl-C ends it there; `plumbline round show latest` shows its round';
  throw new CommandError({ kind: 'busy', message, hint });
}

class Demo {
  private plumbline: Plumbline | undefined;
  private world: SimulatedWorld | undefined;
  /** The spec of a round that a person labels beside the simulated people. */
  private beside = '';
  private readonly stop: StopRequest;
  private readonly tell: (line: string) => void;

  constructor(
    private readonly call: Call,
    private readonly options: DemoOptions,
  ) {
    this.tell = (line) => call.output.note(line);
    this.stop = onStopRequest(
      () => this.tell('stopping; Ctrl-C again ends at once'),
      () => {
        this.world?.kill();
        this.plumbline?.kill();
        process.exit(EXIT.interrupted);
      },
    );
  }

  /** @returns the exit code. Everything that it started has been stopped then. */
  async run(): Promise<number> {
    try {
      await refuseAmongRealRounds();
      this.plumbline = await haveItUp(this.call.output);
      if (this.stop.signal.aborted) return EXIT.interrupted;
      return await withDatabase((db) => this.inDatabase(db));
    } finally {
      try {
        await this.world?.stop();
      } finally {
        await this.plumbline?.stop();
      }
    }
  }

  private async inDatabase(db: Db): Promise<number> {
    const deed = { action: 'round.start', subject: DEMO_ROUND, roles: ['operator'] as const };
    const { id: by } = await actingPerson(db, this.call, deed);
    const round = await this.begin(db, by);
    const last = await follow(db, round.roundId, this.call.output, this.stop.signal);
    if (!last) {
      this.tell(`the round ${round.roundId} is not finished; the next start goes on with it`);
      return EXIT.interrupted;
    }
    if (last.status !== 'done') throw ended(last);
    await this.conclude(db, round);
    if (this.options.exit) return EXIT.done;
    await this.stop.asked;
    if (!this.call.output.json) this.tell(GOODBYE);
    return EXIT.done;
  }

  private async begin(db: Db, by: PersonId): Promise<DemoRound> {
    const { call, options, tell } = this;
    tell('setting up the simulated models and people');
    const manual = await keepDemoManual(db, (await demoResearcher(db)).id);
    const people = await demoPeople(db);
    const world = await SimulatedWorld.start(tell);
    this.world = world;
    const round = await demoRound(db, world, { ...options, manual, by }, tell);
    const { roundId, seed, resumed } = round;
    const said = resumed ? `going on with ${roundId}, as it was begun` : `started ${roundId}`;
    call.output.record({ event: resumed ? 'resumed' : 'started', roundId, seed }, `${said} (seed ${seed})`);
    const temper = options.temper ?? (resumed ? undefined : USUAL_TEMPER);
    const site = this.plumbline?.addresses.site ?? '';
    const truth = `${world.url(seed)}/truth`;
    const atWork = temper ? withTemper(people, temper) : people;
    await world.addPeople(writePeople({ ...atWork, site, truth, seed, pace: options.pace }));
    this.beside = writeBesideSpec({ world: world.url(seed), manual }, BESIDE_LABELLERS);
    return round;
  }

  private async conclude(db: Db, { roundId, seed }: DemoRound): Promise<void> {
    const view = await showRound(db, roundId);
    if (!view || !this.world) throw new Error('the round is gone');
    this.tell('measured; asking the simulated models for the truth, and writing the report');
    const truth = await truthOfRound(db, roundId, this.world.url(seed));
    const report = await writeReport(db, roundId);
    const { output } = this.call;
    output.record(recordOfOutcome(view, truth, report), describeOutcome(view, truth, report));
    const stays = !this.options.exit || this.plumbline?.own === false;
    if (!output.json) output.note(whatNext(this.beside, { stays, own: this.plumbline?.own === true }));
  }
}
