/** What comes first: the claims in plain words, and at once what they do and do not say. */
import { html } from 'hono/html';
import type { Report } from '../../../db/report/read';
import { grouped, moment } from '../numbers';
import { type Claim, claimOf, guaranteeInWords, hasResult, limitsOf, notMeasured } from '../words';
import { type Html, NOTHING, named } from './pieces';

const SECTIONS = [
  ['bounds', 'Bounds'],
  ['verdicts', 'Verdicts'],
  ['labellers', 'Labellers'],
  ['examples', 'Examples'],
  ['counts', 'Counts and times'],
  ['costs', 'What it cost'],
  ['history', 'Amendments and measurements'],
  ['manifest', 'Manifest'],
] as const;

export function summary(report: Report): Html {
  const { name, roundId, byModel, confidence, times } = report;
  const missing = notMeasured(report);
  const limits = limitsOf(report);
  return html`<header>
${missing ? html`<p class="state"><strong>${missing}</strong></p>` : NOTHING}
<p class="eyebrow">Plumbline report</p>
<h1>${named(name)}</h1>
<p class="note">Round ${roundId}, started ${moment(times.started)}${times.measured ? `, measured ${moment(times.measured)}` : ''}.</p>
</header>
${
  hasResult(report)
    ? html`<div class="claims">${byModel.map(
        (result) => html`
<p class="claim">${sentence(claimOf(result, confidence))}${result.guarantee ? html` <span class="guarantee">${guaranteeInWords(result.guarantee)}</span>` : NOTHING}</p>`,
      )}
</div>`
    : standing(report)
}
<div class="limits" role="note" aria-label="What this does and does not say">
<ul>${limits.map(
    (limit) => html`
<li>${named(limit)}</li>`,
  )}
</ul>
</div>
<nav aria-label="Contents"><ul>${SECTIONS.map(
    ([id, title]) => html`
<li><a href="#${id}">${title}</a></li>`,
  )}
</ul></nav>`;
}

function sentence({ before, model, after }: Claim): Html {
  return html`${before}<strong class="model">${named(model)}</strong>${after}`;
}

/** Of a round without a result: what there is. */
function standing({ items, labels }: Report): Html {
  return html`<p class="claim">${grouped(items.generated)} of ${grouped(items.total)} items have an answer, ${grouped(items.settled)} are settled; ${grouped(labels.total - labels.withdrawn)} labels count.</p>`;
}
