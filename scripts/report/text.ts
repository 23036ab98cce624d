/** A report as a terminal shows it: the claims, what they hold for, who stands out. */
import type { Report } from '../../db/report/read';
import { harmlessLine } from '../harmless';
import { costLines } from '../rounds/costs';
import { grouped, nOf } from './numbers';
import { carelessInWords, claimOf, guaranteeInWords, hasResult, limitsOf, notMeasured } from './words';

/** @param written the files that were written. */
export function describeReport(report: Report, written: readonly string[]): string {
  const { roundId, name, status, simulated } = report;
  const missing = notMeasured(report);
  return [
    ...(missing ? [missing] : []),
    `${roundId}  ${harmlessLine(name)}  ${status}${simulated.any ? '  SIMULATED' : ''}`,
    '',
    ...(hasResult(report) ? [...claims(report), ''] : []),
    ...limitsOf(report).map(harmlessLine),
    '',
    harmlessLine(carelessInWords(report)),
    adjudicationInWords(report),
    ...costs(report),
    ...(written.length > 0 ? ['', ...written.map((file) => `written: ${harmlessLine(file)}`)] : []),
  ].join('\n');
}

function claims({ byModel, confidence }: Report): string[] {
  return byModel.flatMap((result) => {
    const { before, model, after } = claimOf(result, confidence);
    const sentence = `${before}${harmlessLine(model)}${after}`;
    return [sentence, ...(result.guarantee ? [`  ${guaranteeInWords(result.guarantee)}`] : [])];
  });
}

function costs(report: Report): string[] {
  const { calls, models, people, settled } = costLines(report.costs);
  const lines = [...calls, models.join('; '), ...people, ...settled].filter((line) => line !== '');
  return lines.length > 0 ? ['', ...lines.map((line, i) => (i === 0 ? `What it cost: ${line}` : `  ${line}`))] : [];
}

function adjudicationInWords({ adjudication }: Report): string {
  const { contested, items, waiting, overturned, twice, agreed } = adjudication;
  const parts = [
    `Items that labels did not settle: ${grouped(contested)}`,
    `ruled on: ${grouped(items)}`,
    ...(waiting > 0 ? [`waiting for a ruling: ${grouped(waiting)}`] : []),
    ...(overturned.of > 0 ? [`rulings against the labels’ majority: ${nOf(overturned)}`] : []),
    ...(twice > 0 ? [`researchers agree where two ruled: ${nOf({ n: agreed, of: twice })}`] : []),
  ];
  return `${parts.join('; ')}.`;
}
