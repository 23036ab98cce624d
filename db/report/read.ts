/**
 * All that a round's report says, of one moment: where the round stands, its result, who labelled it and how well, some items
 * to read, and what it all rests on. No person is named but researchers who amended what is measured.
 */
import type { RoundId } from '../../domain/ids';
import { judgeOf } from '../../domain/judging';
import type { ModelResult } from '../../domain/results';
import type { Db, Tx } from '../connection';
import type { CallCost } from '../costs/spending';
import { judgingGround } from '../judging';
import { wordsOf } from '../manuals/read';
import { readRound } from '../rounds/read';
import { type RoundView, showRound } from '../rounds/show';
import type { Adjudication } from './agreement';
import { callsByModel, type ModelCalls } from './calls';
import type { Usual } from './careless';
import { type Example, ExampleDraw, type ExampleKind } from './examples';
import { hiddenItems } from './hidden';
import { lookAtLabellers, type ReportedLabeller } from './labellers';
import { type Manifest, manifestOf } from './manifest';
import { type Times, timesOf } from './times';

export interface Report
  extends Pick<
    RoundView,
    | 'roundId'
    | 'name'
    | 'status'
    | 'statusReason'
    | 'measured'
    | 'confidence'
    | 'form'
    | 'items'
    | 'amendments'
    | 'measurements'
    | 'clusters'
  > {
  /** Which parts are simulations; `any` where one is. */
  simulated: { any: boolean; models: string[]; labellers: number };
  /** Of the newest measurement, also where the round has gone on since. */
  byModel: ModelResult[];
  labels: RoundView['labels'];
  adjudication: Adjudication & RoundView['rulings'];
  cantJudge: Pick<RoundView['cantJudge'], 'total' | 'byCode'>;
  labellers: ReportedLabeller[];
  usual: Usual;
  /** Items that are contested though all that other labellers said would have settled them. */
  madeContested: number;
  /** null: left out, or not measured yet. `of`: how many there were to draw from. */
  examples: { drawn: Example[]; of: Record<ExampleKind, number> } | null;
  /** What answers may cite: titles of clauses and capability entries by id. */
  titles: { [id: string]: string };
  calls: ModelCalls[];
  /** As the round shows them, without what depends on the moment of asking: no forecast, nothing in flight. */
  costs: RoundView['costs'];
  times: Times;
  manifest: Manifest;
}

export interface ReportOptions {
  /** The version of the program. */
  version: string;
  examples: boolean;
}

/** @returns undefined for an id that no round has. */
export function readReport(db: Db, roundId: RoundId, options: ReportOptions): Promise<Report | undefined> {
  return db.transaction(
    async (tx) => {
      const view = await showRound(tx, roundId);
      return view && assemble(tx, view, options);
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

async function assemble(tx: Tx, view: RoundView, { version, examples }: ReportOptions): Promise<Report> {
  const round = await readRound(tx, view.roundId);
  const manifest = await manifestOf(tx, round, version);
  const judge = judgeOf(await judgingGround(tx, round));
  const draw = new ExampleDraw(round.seed, await hiddenItems(tx, round.id));
  const { labellers, usual, madeContested, adjudication } = await lookAtLabellers(tx, round, judge, draw);
  const { roundId, name, status, statusReason, measured, confidence, form } = view;
  const { clauses, entries } = await wordsOf(tx, round.manualRevision);
  return {
    ...{ roundId, name, status, statusReason, measured, confidence, form },
    simulated: {
      any: view.simulated,
      models: manifest.models.filter(({ simulated }) => simulated).map(({ id }) => id),
      labellers: labellers.filter(({ kind }) => kind === 'simulated').length,
    },
    byModel: view.byModel,
    items: view.items,
    labels: view.labels,
    adjudication: { ...adjudication, ...view.rulings },
    cantJudge: { total: view.cantJudge.total, byCode: view.cantJudge.byCode },
    labellers,
    usual,
    madeContested,
    // Until it is measured researchers may still have to rule on what they would read there.
    examples:
      examples && measured && round.measurementId !== null
        ? { drawn: await draw.read(tx, round.measurementId, judge), of: draw.of }
        : null,
    titles: Object.fromEntries([...clauses, ...entries].map(({ id, title }) => [id, title])),
    calls: await callsByModel(tx, roundId),
    costs: timeless(view.costs),
    clusters: view.clusters,
    times: await timesOf(tx, round),
    amendments: view.amendments,
    measurements: view.measurements,
    manifest,
  };
}

/** Calls under way count with what they have reserved, until they have ended. */
function timeless(costs: RoundView['costs']): RoundView['costs'] {
  const landed = <Calls extends CallCost>(calls: Calls) => ({
    ...calls,
    inFlight: { money: calls.money === null ? null : 0, tokens: 0 },
  });
  return { ...costs, calls: landed(costs.calls), byModel: costs.byModel.map(landed), forecast: null };
}
