/** What it took: items, calls, tokens, times. */
import { html } from 'hono/html';
import type { Report } from '../../../db/report/read';
import { count } from '../../output';
import { grouped, hours, moment } from '../numbers';
import { dataTable, facts, type Html, named, section } from './pieces';

export function countsSection(report: Report): Html {
  return section(
    'counts',
    'Counts and times',
    html`<h3>Items and labels</h3>
${items(report)}
<h3>Calls of the models</h3>
${calls(report)}
<h3>Times</h3>
${times(report)}`,
  );
}

function items({ items: given, labels }: Report): Html {
  const { total, generated, open, contested, settled, failed, unresolved, starved, quarantined, namesModel } = given;
  const pending = total - open - contested - settled - failed - unresolved;
  return facts([
    ['Items', grouped(total)],
    ['With an answer', grouped(generated)],
    ['Settled', grouped(settled)],
    ['Unresolved', grouped(unresolved)],
    ['Failed', grouped(failed)],
    ['Contested, open, not yet generated', [contested, open, pending].map(grouped).join(', ')],
    ['In quarantine, shown to nobody', grouped(quarantined)],
    ['Nobody is left to label them', grouped(starved)],
    [
      'Answers that name their model',
      namesModel === 0 ? 'none' : `${grouped(namesModel)}: who judged them may not have been blind`,
    ],
    ['Labels that count', `${grouped(labels.total - labels.withdrawn)}, and ${grouped(labels.withdrawn)} withdrawn`],
  ]);
}

function calls({ calls: given }: Report): Html {
  if (given.length === 0) return html`<p>No call is on record.</p>`;
  return dataTable(
    'Calls and tokens per model',
    [
      { heading: 'Model', cell: ({ model }) => named(model) },
      { heading: 'Calls', cell: (each) => grouped(each.calls) },
      { heading: 'Completed', cell: (each) => grouped(each.completed) },
      { heading: 'Failed, tried again', cell: (each) => grouped(each.retryable) },
      { heading: 'Told to wait', cell: (each) => grouped(each.rateLimited) },
      { heading: 'Refused', cell: (each) => grouped(each.refused) },
      { heading: 'Came too late', cell: (each) => grouped(each.surplus) },
      { heading: 'Unknown end', cell: (each) => grouped(each.open) },
      { heading: 'Most for one item', cell: (each) => grouped(each.mostTries) },
      { heading: 'Cut off', cell: (each) => grouped(each.cutOff) },
      { heading: 'Prompt tokens', cell: (each) => grouped(each.promptTokens) },
      { heading: 'Completion tokens', cell: (each) => grouped(each.completionTokens) },
    ],
    given,
    { broad: true },
  );
}

function times({ times: given, labellers }: Report): Html {
  const { started, opened, generated, firstLabel, lastLabel, lastRuling, measured, ended, deadline } = given;
  const at = (iso: string | null) => (iso === null ? 'not yet' : html`<time datetime="${iso}">${moment(iso)}</time>`);
  const worked = labellers.reduce((sum, { seconds }) => sum + seconds, 0);
  return facts([
    ['Started', at(started)],
    ['Sample drawn', at(opened)],
    ['Last answer', at(generated)],
    ['First label', at(firstLabel)],
    ['Last label', at(lastLabel)],
    ['Last ruling', lastRuling === null ? 'none' : at(lastRuling)],
    ['Measured', at(measured)],
    ['Ended', at(ended)],
    ['Deadline', at(deadline)],
    ['Labellers’ time, from lease to submit', `${hours(worked)} of ${count(labellers.length, 'labeller')}`],
  ]);
}
