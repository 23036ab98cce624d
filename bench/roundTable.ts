/** What the round bench measures, and how it shows it beside its goals. */

/** Seconds, or milliseconds of a call. */
export type Cpu = Record<'worker' | 'postgres' | 'temporal' | 'endpoint', number>;

export interface RoundFigures {
  prompts: number;
  run: number;
  /** A plain loop over the same prompts. */
  loopSeconds: number;
  /** From the round's row until its last item is open. */
  roundSeconds: number;
  /** Events in the histories of the round and its shards, by item. */
  eventsPerItem: number;
  /** What each part took of the processor for a call of the round, milliseconds; 0 where the system does not tell. */
  cpuMs: Cpu;
}

const PARTS = ['worker', 'postgres', 'temporal', 'endpoint'] as const;
const GOALS = { ratio: 1.25, callsPerSecond: 3 * 284, events: 1 };

/** The median of each figure over the runs of a size. */
export function describe(
  figures: readonly RoundFigures[],
  { latency, concurrency }: { latency: number; concurrency: number },
): string {
  const rows = [...Map.groupBy(figures, ({ prompts }) => prompts)].map(([prompts, runs]) => {
    const ratio = median(runs.map((run) => run.roundSeconds / run.loopSeconds));
    const perSecond = (seconds: (run: RoundFigures) => number) => median(runs.map((run) => prompts / seconds(run)));
    return [
      String(prompts),
      String(runs.length),
      `${median(runs.map((run) => run.loopSeconds)).toFixed(1)} s, ${Math.round(perSecond((run) => run.loopSeconds))}/s`,
      `${median(runs.map((run) => run.roundSeconds)).toFixed(1)} s, ${Math.round(perSecond((run) => run.roundSeconds))}/s`,
      `${ratio.toFixed(2)}${ratio <= GOALS.ratio ? '' : ' (missed)'}`,
      median(runs.map((run) => run.eventsPerItem)).toFixed(2),
      PARTS.map((part) => median(runs.map((run) => run.cpuMs[part])).toFixed(2)).join(' + '),
    ];
  });
  const headings = [
    'prompts',
    'runs',
    'plain loop',
    'round until open',
    `round : loop (goal ≤ ${GOALS.ratio})`,
    `events per item (goal ≤ ${GOALS.events})`,
    `CPU ms of a call: ${PARTS.join(' + ')}`,
  ];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(headings),
    line(headings.map(() => '---')),
    ...rows.map(line),
    '',
    `Calls of ${latency} ms, ${concurrency} at once. Goal: at least ${GOALS.callsPerSecond} calls/s, three times promptfoo’s.`,
  ].join('\n');
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = low] = sorted.length % 2 === 1 ? [sorted[middle]] : [sorted[middle - 1], sorted[middle]];
  return (low + high) / 2;
}
