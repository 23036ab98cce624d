/** What the round bench measures, and how it shows it beside its goals. */
import { median, type Row } from './goals';

/** Seconds, or milliseconds of a call. */
export type Cpu = Record<'worker' | 'postgres' | 'temporal' | 'endpoint', number>;

export interface RoundFigures {
  prompts: number;
  run: number;
  /** A plain loop over the same prompts. */
  loopSeconds: number;
  /** From its start until its last item is open for all to see. */
  roundSeconds: number;
  /** Events in the histories of the round and its shards, by item. */
  eventsPerItem: number;
  /** What each part took of the processor for a call, milliseconds; 0 where the system does not tell. Of the loop, `worker` is itself. */
  loopCpuMs: Cpu;
  cpuMs: Cpu;
}

const PARTS = ['worker', 'postgres', 'temporal', 'endpoint'] as const;
/** Calls a second on two cores: docs/benchmarks.md. */
const PROMPTFOO = 284;

/** The median of each figure over the runs of a size. */
export function rowsOf(figures: readonly RoundFigures[]): Row[] {
  return [...Map.groupBy(figures, ({ prompts }) => prompts)].flatMap(([prompts, runs]): Row[] => {
    const of = (figure: (run: RoundFigures) => number) => median(runs.map(figure));
    const at = `${prompts.toLocaleString('en')} prompts`;
    const shown = (seconds: number) => `${seconds.toFixed(1)} s, ${Math.round(prompts / seconds)} calls/s`;
    const ratio = of((run) => run.roundSeconds / run.loopSeconds);
    const perSecond = prompts / of((run) => run.roundSeconds);
    const events = of((run) => run.eventsPerItem);
    return [
      { what: `plain loop, ${at}`, shown: shown(of((run) => run.loopSeconds)) },
      { what: `round until its items are open, ${at}`, shown: shown(of((run) => run.roundSeconds)) },
      { what: `round : loop, ${at}`, shown: ratio.toFixed(2), goals: [{ figure: ratio, most: 1.25 }] },
      {
        what: `calls a second of the round, ${at}`,
        shown: perSecond.toFixed(0),
        goals: [{ figure: perSecond, least: 3 * PROMPTFOO }],
        beside: `promptfoo ${PROMPTFOO}`,
      },
      { what: `history events per item, ${at}`, shown: events.toFixed(2), goals: [{ figure: events, most: 1 }] },
      ...(['loopCpuMs', 'cpuMs'] as const).map((whose) => ({
        what: `CPU of a call of the ${whose === 'cpuMs' ? `round: ${PARTS.join(', ')}` : 'loop: itself, postgres, temporal, endpoint'}, ${at}`,
        shown: `${PARTS.map((part) => of((run) => run[whose][part]).toFixed(2)).join(', ')} ms`,
      })),
    ];
  });
}
