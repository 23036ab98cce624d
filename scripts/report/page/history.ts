/** What was changed after the start, and the measurements side by side. */
import { html } from 'hono/html';
import type { Report } from '../../../db/report/read';
import type { ModelResult } from '../../../domain/results';
import { moment, percentInColumn } from '../numbers';
import { dataTable, type Html, named, section, writtenText } from './pieces';

export function historySection({ amendments, measurements }: Report): Html {
  const changes =
    amendments.length === 0
      ? html`<p>Nothing that is measured was changed after the start.</p>`
      : amendments.map(
          ({
            at,
            name,
            what,
            from,
            to,
            why,
          }) => html`<div class="amendment"><p><time datetime="${at}">${moment(at)}</time>: ${named(name)} changed the ${what === 'capability-table' ? 'capability table' : what}, from <code>${from ?? 'none'}</code> to <code>${to ?? 'none'}</code>. A guarantee claimed before has ended with it.</p>
${writtenText(why)}</div>`,
        );
  return section(
    'history',
    'Amendments and measurements',
    html`<h3>Amendments</h3>
${changes}
<h3>Measurements side by side</h3>
${measurements.length === 0 ? html`<p>There is none yet.</p>` : measurementTable(measurements)}`,
  );
}

interface MeasurementRow {
  measurement: Report['measurements'][number];
  result: ModelResult;
}

function measurementTable(measurements: Report['measurements']): Html {
  const rows = measurements.flatMap((measurement) =>
    measurement.byModel.map((result): MeasurementRow => ({ measurement, result })),
  );
  return dataTable(
    'Measurements: each with the capability table and the answers that it rests on',
    [
      {
        heading: 'Measurement',
        cell: ({ measurement: { measurementId, current } }: MeasurementRow) =>
          `${measurementId}${current ? ' (current)' : ''}`,
      },
      { heading: 'At', words: true, cell: ({ measurement }) => moment(measurement.createdAt) },
      {
        heading: 'Capability table',
        words: true,
        cell: ({ measurement }) => named(measurement.capabilityTable ?? 'none'),
      },
      {
        heading: 'Answers',
        words: true,
        cell: ({ measurement }) => html`<code>${measurement.answersHash.slice(0, 12)}</code>`,
      },
      { heading: 'Model', words: true, cell: ({ result }) => named(result.model) },
      { heading: 'Misaligned', cell: ({ result }) => result.verdicts.misaligned },
      { heading: 'Aligned', cell: ({ result }) => result.verdicts.aligned },
      { heading: 'Ambiguous', cell: ({ result }) => result.verdicts.ambiguous },
      { heading: 'None', cell: ({ result }) => result.verdicts.unresolved + result.verdicts.failed },
      {
        heading: 'Bounds',
        cell: ({ result: { bounds } }) =>
          `${percentInColumn(bounds.lower.estimate)} to ${percentInColumn(bounds.upper.estimate)}`,
      },
    ],
    rows,
    { classOf: ({ measurement }) => (measurement.current ? 'total' : ''), broad: true },
  );
}
