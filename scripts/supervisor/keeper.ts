/** Local services that die while `up` runs are started again, on the data and, as far as they are free, the ports they had. */
import { stateFolder } from '../finding';
import type { LocalServices } from '../services';
import { inspectServices } from '../services/inspect';
import { SERVICE_NAMES, type ServiceName } from '../services/parts';

const EVERY_MS = 2_000;

export class ServiceKeeper {
  /** Each start is a use of its own: all are released in the end. */
  private readonly uses: LocalServices[];
  private readonly timer: NodeJS.Timeout;
  private looking: Promise<void> = Promise.resolve();
  private busy = false;

  /** @param env as it was when the services were started first: what names them since then is not the user's. */
  constructor(
    private readonly services: LocalServices,
    private readonly env: NodeJS.ProcessEnv,
    private readonly progress: (line: string) => void,
  ) {
    this.uses = [services];
    this.timer = setInterval(() => {
      if (!this.busy) this.looking = this.look();
    }, EVERY_MS);
  }

  /** Starts nothing any more, and ends the use of the services. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
    for (const use of this.uses) await use.release();
  }

  private async look(): Promise<void> {
    this.busy = true;
    try {
      const dead = await this.dead();
      if (dead.length > 0) await this.startAgain(dead);
    } catch (error) {
      this.progress(
        `${error instanceof Error ? error.message : 'the services could not be started again'}; trying again`,
      );
    } finally {
      this.busy = false;
    }
  }

  private async dead(): Promise<ServiceName[]> {
    const found = await inspectServices(stateFolder());
    return SERVICE_NAMES.filter((name) => {
      const ours = this.services.origins[name] !== 'environment';
      return ours && found[name]?.alive === false;
    });
  }

  private async startAgain(names: readonly ServiceName[]): Promise<void> {
    this.progress(`${names.join(' and ')} died: starting again`);
    const { startServices }: typeof import('../services') = require('../services');
    const again = await startServices({ dir: stateFolder(), env: this.env, progress: this.progress });
    this.uses.push(again);
    const moved =
      again.databaseUrl !== this.services.databaseUrl || again.temporalAddress !== this.services.temporalAddress;
    this.progress(
      moved
        ? 'they run again, but at another address: plumbline down, then plumbline up'
        : `${names.join(' and ')} answers again`,
    );
  }
}
