/**
 * Temporal's own side of schedules. Only names, times and ids are given to it. Loaded where it is needed: the client takes
 * longer to load than most commands.
 */
import {
  Client,
  Connection,
  isGrpcServiceError,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  ScheduleNotFoundError,
  type ScheduleOptions,
  type ScheduleOptionsStartWorkflowAction,
  type ScheduleOverlapPolicy,
  type ScheduleSpec,
} from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { cronFields } from '../../domain/recurrence';
import type { Overlap, Timing } from '../../domain/schedules';
import { type ScheduledRunInput, scheduledRunsId, scheduleId, taskQueues } from '../../workflows/ids';
import { CommandError } from '../failures';

const PATIENCE_MS = 10_000;
const CONNECTING_MS = 3_000;

type Action = ScheduleOptionsStartWorkflowAction<(input: ScheduledRunInput) => Promise<void>>;

export interface ScheduleState {
  paused: boolean;
  /** Why it is paused, as Temporal has it: ids and codes. */
  note: string | null;
  /** With jitter. */
  next: Date[];
  taken: number;
  skipped: number;
  missed: number;
  running: string[];
}

/** @throws CommandError where Temporal does not answer within seconds. */
export async function connectSchedules(): Promise<Schedules> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await Connection.connect({ ...connectionOptions, connectTimeout: CONNECTING_MS }).catch(
    (error: unknown) => {
      throw away(error);
    },
  );
  return new Schedules(new Client({ connection, namespace }), connection);
}

function away(error: unknown): CommandError {
  const { connectionOptions } = loadClientConnectConfig();
  const cause = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause.details : undefined;
  const said = cause ?? (error instanceof Error ? error.message : '');
  const reason = said.split('\n')[0]?.slice(0, 120) ?? '';
  const message = `Temporal at ${connectionOptions.address ?? 'localhost:7233'} does not answer${reason && ` (${reason})`}`;
  const hint = '`plumbline doctor` looks at every connection; `plumbline up` starts the local services';
  return new CommandError({ kind: 'temporal-unreachable', message, hint });
}

/** What a command has an answer to of its own: not there, there already, times that Temporal does not take. */
function isForeseen(error: unknown): boolean {
  return (
    error instanceof ScheduleNotFoundError || error instanceof ScheduleAlreadyRunning || error instanceof TypeError
  );
}

/** Temporal does not take the times of a schedule. */
export function isRefusedSpec(error: unknown): error is TypeError {
  return error instanceof TypeError;
}

export function isThereAlready(error: unknown): boolean {
  return error instanceof ScheduleAlreadyRunning;
}

export class Schedules {
  constructor(
    private readonly client: Client,
    private readonly connection: Connection,
  ) {}

  /** @throws Error where it is there already, or where Temporal does not take its times (TypeError). */
  async create(name: string, timing: Timing, edition: string, paused: boolean): Promise<void> {
    const options: ScheduleOptions<Action> = {
      scheduleId: scheduleId(name, process.env),
      spec: specOf(timing),
      action: {
        type: 'startWorkflow',
        workflowType: 'scheduledRound',
        workflowId: scheduledRunsId(name, edition, process.env),
        taskQueue: taskQueues(process.env).rounds,
        args: [{ schedule: name }],
      },
      policies: {
        overlap: overlapOf(timing.overlap),
        catchupWindow: timing.catchUpMs,
        pauseOnFailure: timing.pauseOnFailure,
      },
      state: { paused },
    };
    await this.limited(() => this.client.schedule.create(options));
  }

  /** What there is of that name; undefined where there is nothing. */
  async find(name: string): Promise<(ScheduleState & { runsId: string | undefined }) | undefined> {
    try {
      return stateOf(await this.limited(() => this.handle(name).describe()));
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return undefined;
      throw error;
    }
  }

  pause(name: string, note: string): Promise<void> {
    return this.limited(() => this.handle(name).pause(note));
  }

  resume(name: string, note: string): Promise<void> {
    return this.limited(() => this.handle(name).unpause(note));
  }

  trigger(name: string, overlap: Overlap): Promise<void> {
    return this.limited(() => this.handle(name).trigger(overlapOf(overlap)));
  }

  /** Both moments count. */
  backfill(name: string, from: Date, to: Date, overlap: Overlap): Promise<void> {
    // Older servers leave the first moment out.
    const start = new Date(+from - 1);
    return this.limited(() => this.handle(name).backfill({ start, end: to, overlap: overlapOf(overlap) }));
  }

  /** @returns false if it was gone before. */
  async remove(name: string): Promise<boolean> {
    try {
      await this.limited(() => this.handle(name).delete());
      return true;
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return false;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  private handle(name: string) {
    return this.client.schedule.getHandle(scheduleId(name, process.env));
  }

  private async limited<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await this.connection.withDeadline(Date.now() + PATIENCE_MS, ask);
    } catch (error) {
      throw isForeseen(error) ? error : away(error);
    }
  }
}

function specOf({ recurrence, timeZone, startAt, jitterMs }: Timing): ScheduleSpec {
  const bounds = { ...(startAt !== null && { startAt: new Date(startAt) }), ...(jitterMs > 0 && { jitter: jitterMs }) };
  if ('cron' in recurrence) {
    return { ...bounds, cronExpressions: [cronFields(recurrence.cron)], timezone: timeZone };
  }
  const { everyMs, from } = recurrence;
  return { ...bounds, intervals: [{ every: everyMs, offset: +new Date(from) % everyMs }] };
}

const POLICIES = {
  skip: 'SKIP',
  'buffer-one': 'BUFFER_ONE',
  'buffer-all': 'BUFFER_ALL',
  'allow-all': 'ALLOW_ALL',
} as const satisfies Record<Overlap, ScheduleOverlapPolicy>;

function overlapOf(overlap: Overlap): ScheduleOverlapPolicy {
  return POLICIES[overlap];
}

function stateOf({ state, info, action }: ScheduleDescription): ScheduleState & { runsId: string | undefined } {
  return {
    paused: state.paused,
    note: state.note || null,
    next: info.nextActionTimes,
    taken: info.numActionsTaken,
    skipped: info.numActionsSkippedOverlap,
    missed: info.numActionsMissedCatchupWindow,
    running: info.runningActions.map(({ workflow }) => workflow.workflowId),
    runsId: action.workflowId,
  };
}
