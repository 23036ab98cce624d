/** Who labelled, how well, and who stands out. */
import { html } from 'hono/html';
import { FEWEST_LABELS } from '../../../db/report/careless';
import type { ReportedLabeller } from '../../../db/report/labellers';
import type { Report } from '../../../db/report/read';
import { count } from '../../output';
import { duration, grouped, hours, nOf, percent, rangeInColumn, shareOf } from '../numbers';
import { carelessInWords, SIGN_WORDS, shownLabeller } from '../words';
import { agreementInterval, CHARTED_LABELLERS, type Charts, chartedLabellers, inReadingOrder } from './charts';
import { type Column, dataTable, facts, figure, type Html, NOTHING, named, section } from './pieces';

export function labellersSection(report: Report, charts: Charts): Html {
  const { labellers } = report;
  if (labellers.length === 0) return section('labellers', 'Labellers', html`<p>Nobody has labelled yet.</p>`);
  const standOut = labellers.some(({ signs }) => signs.length > 0);
  return section(
    'labellers',
    'Labellers',
    html`<p class="${standOut ? 'warning' : ''}">${named(carelessInWords(report))}</p>
${pictures(report, charts)}
${dataTable('Labellers: their labels, times and agreement', columns(), inReadingOrder(labellers), { classOf: ({ signs }) => (signs.length > 0 ? 'stands-out' : ''), broad: true })}
<p class="note">People appear by their id, simulated labellers by name. <em>Agrees</em>: of the labels on items on which more than half of the <em>other</em> labels have one verdict, those of that verdict; so nobody agrees with themselves. The labels of those who stand out are no measure for anybody, where enough others are left. The interval is Clopper–Pearson’s. <em>Sees faults</em>: where that verdict is not “aligned”, those that are not “aligned” either. <em>As ruled</em>: labels of the verdict that researchers gave blind; what is ruled on is what labellers differ on, so this is low for all. ◀: far below the usual (the median labeller’s) in one of these, beyond what chance explains, or under a quarter of the usual time; nothing is said of fewer than ${FEWEST_LABELS} labels. Labellers stand out by comparison: it takes a look at what they answered to know why.</p>
<h3>What labels did not settle</h3>
${adjudication(report)}`,
  );
}

function pictures({ labellers, usual }: Report, { agreement, speed }: Charts): Html {
  if (agreement === undefined || speed === undefined) return NOTHING;
  const shown = chartedLabellers(labellers);
  const agree = shown.map((labeller) => `${shownLabeller(labeller)} ${shareOf(labeller.others)}`);
  const fast = shown.map(
    (labeller) =>
      `${shownLabeller(labeller)} ${labeller.medianSeconds === null ? '–' : duration(labeller.medianSeconds)}`,
  );
  const few =
    labellers.length > CHARTED_LABELLERS
      ? ` The charts show ${CHARTED_LABELLERS} of ${labellers.length}: those who stand out and those who agree least.`
      : '';
  return html`<div class="pair">
<div>${figure(`Agreement with the other labellers. ${agree.join(', ')}.`, agreement)}
<p class="caption">Agreement with the other labellers (dots, with 95% intervals)${shown.some(({ rulings }) => rulings.of > 0) ? ' and with researchers’ rulings (diamonds)' : ''}.${usual.others === null ? '' : ` Usual: ${percent(Math.round(usual.others * 100) / 100)}.`}</p></div>
<div>${figure(`Median seconds from lease to submit. ${fast.join(', ')}.`, speed)}
<p class="caption">Median seconds from lease to submit.${usual.medianSeconds === null ? '' : ` Usual: ${duration(usual.medianSeconds)}.`}${few}</p></div>
</div>`;
}

function columns(): Column<ReportedLabeller>[] {
  const share = (verdict: 'misaligned' | 'aligned' | 'ambiguous') => (labeller: ReportedLabeller) =>
    shareOf({ n: labeller.verdicts[verdict], of: labeller.labels });
  return [
    { heading: 'Labeller', cell: whoIs },
    { heading: 'Labels', cell: ({ labels }) => grouped(labels) },
    { heading: 'Median time', cell: ({ medianSeconds }) => (medianSeconds === null ? '–' : duration(medianSeconds)) },
    { heading: 'Misaligned', cell: share('misaligned') },
    { heading: 'Aligned', cell: share('aligned') },
    { heading: 'Ambiguous', cell: share('ambiguous') },
    { heading: 'Agrees', cell: ({ others }) => withShare(others) },
    {
      heading: '95% interval',
      cell: ({ others }) => (others.of === 0 ? '–' : rangeInColumn(agreementInterval(others))),
    },
    { heading: 'Sees faults', cell: ({ faults }) => withShare(faults) },
    { heading: 'As ruled', cell: ({ rulings }) => withShare(rulings) },
    { heading: 'Contested', cell: ({ contested }) => nOf(contested) },
    { heading: 'Unsure', cell: ({ unsure }) => grouped(unsure) },
    { heading: 'Can’t judge', cell: ({ cantJudge }) => grouped(cantJudge) },
    { heading: 'Time in all', cell: ({ seconds }) => hours(seconds) },
  ];
}

function whoIs(labeller: ReportedLabeller): Html {
  const { kind, signs } = labeller;
  return html`${named(shownLabeller(labeller))}${kind === 'human' ? NOTHING : html` <span class="tag">${kind}</span>`}${signs.map(
    (sign) => html` <span class="sign">◀ ${SIGN_WORDS[sign]}</span>`,
  )}`;
}

function withShare(part: { n: number; of: number }): Html {
  return html`${nOf(part)}${part.of > 0 ? html` <span class="share">${shareOf(part)}</span>` : NOTHING}`;
}

function adjudication({ adjudication: given, items, cantJudge }: Report): Html {
  const { contested, waiting, total, items: ruled, overturned, changed, twice, agreed } = given;
  const codes = Object.entries(cantJudge.byCode).map(([code, n]) => `${code} ${n}`);
  return facts([
    ['Items contested', `${grouped(contested)} of ${grouped(items.total)}`],
    ['Items ruled on', `${grouped(ruled)}, by ${count(total, 'ruling')}`],
    ['Waiting for a ruling', grouped(waiting)],
    [
      'Rulings against the labels’ majority',
      overturned.of === 0 ? 'no item ruled on had one' : `${nOf(overturned)} items ruled on that had one`,
    ],
    ['Rulings changed after seeing the labels', changed.of === 0 ? 'none was given again' : nOf(changed)],
    [
      'Agreement of researchers',
      twice === 0 ? 'no item was ruled on by two' : `${nOf({ n: agreed, of: twice })} items ruled on by two, blind`,
    ],
    [
      'Could not be judged',
      cantJudge.total === 0 ? 'never' : `${count(cantJudge.total, 'time')} (${codes.join(', ')})`,
    ],
  ]);
}
