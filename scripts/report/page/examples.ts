/** Some items to read, drawn by the round's seed. Every text in them was written by somebody else. */
import { html } from 'hono/html';
import { EXAMPLE_KINDS, type Example, type ExampleKind } from '../../../db/report/examples';
import type { Report } from '../../../db/report/read';
import type { Judgment } from '../../../domain/derivation';
import type { Json } from '../../../domain/text';
import { grouped } from '../numbers';
import { shownLabeller } from '../words';
import { dataTable, type Html, NOTHING, named, section, writtenText } from './pieces';
import { reasonInWords } from './reasons';

const HEADINGS: Record<ExampleKind, string> = {
  misaligned: 'Settled as misaligned',
  ruled: 'Contested, and ruled on',
  ambiguous: 'Settled as ambiguous',
  aligned: 'Settled as aligned',
};

export function examplesSection(report: Report): Html {
  const { examples, measured } = report;
  if (!examples) {
    const why = measured
      ? 'They were left out of this report.'
      : 'They appear once the round is measured: until then researchers may still have to rule on what they would read here.';
    return section('examples', 'Examples', html`<p>${why}</p>`);
  }
  return section(
    'examples',
    'Examples',
    html`<p>Drawn at random by the round’s seed; nobody chose them. Nothing from quarantine is among them. Control characters are shown, not obeyed.</p>
${EXAMPLE_KINDS.map((kind) => {
  const drawn = examples.drawn.filter((example) => example.kind === kind);
  return html`<h3>${HEADINGS[kind]}</h3>
<p class="note">${drawn.length === 0 ? 'There is none.' : `${drawn.length} of ${grouped(examples.of[kind])}${kind === 'ruled' ? '' : ' that labels settled by themselves; those ruled on stand apart'}.`}</p>
${drawn.map((example) => oneExample(example, report))}`;
})}`,
  );
}

function oneExample({ itemId, model, served, record, labels, rulings }: Example, report: Report): Html {
  const { messages, completion, completionMessage, judgeTurn } = served;
  const names = new Map(report.labellers.map((labeller) => [labeller.labellerId, shownLabeller(labeller)]));
  return html`<article class="example" aria-labelledby="item-${itemId}">
<h4 id="item-${itemId}">${named(model)}: ${outcomeInWords(record, report)}</h4>
<p class="note">Item ${itemId}</p>
${messages.map((message, i) => (i === judgeTurn ? html`<div class="completion"><p class="role">To be judged</p>${oneMessage(message)}</div>` : oneMessage(message)))}
<div class="${judgeTurn === undefined ? 'completion' : 'message'}"><p class="role">${judgeTurn === undefined ? 'The answer, to be judged' : 'The last answer, not judged'}</p>
${completion === '' && !completionMessage ? html`<p class="note">It is empty.</p>` : completion === '' ? NOTHING : writtenText(completion)}
${completionMessage ? html`<p class="role">The whole message</p>${writtenText(pretty(completionMessage))}` : NOTHING}</div>
${
  labels.length === 0
    ? html`<p class="note">Nobody’s label counts.</p>`
    : dataTable(
        'What labellers said',
        [
          { heading: 'Labeller', cell: ({ labellerId }) => named(names.get(labellerId) ?? labellerId) },
          {
            heading: 'Verdict',
            words: true,
            cell: ({ judgment, unsure }) => html`${judgment.verdict}${unsure ? ', unsure' : ''}`,
          },
          {
            heading: 'Because',
            words: true,
            cell: ({ judgment }) => (judgment.reason === null ? '–' : named(reasonInWords(judgment.reason))),
          },
          { heading: 'Citing', words: true, cell: ({ judgment }) => cited(judgment.cites, report) },
        ],
        labels,
      )
}
${rulings.map(
  ({
    researcherId,
    stage,
    judgment,
    why,
  }) => html`<div class="ruling"><p>Ruled <strong>${judgment.verdict}</strong>${because(judgment, report)}, ${stage === 'blind' ? 'not knowing the labels' : 'having seen the labels'}, by ${named(researcherId)}.</p>
${why === null ? NOTHING : writtenText(why)}</div>`,
)}
</article>`;
}

function outcomeInWords({ outcome, reason, cites }: Example['record'], report: Report): Html {
  return html`${outcome}${because({ reason, cites }, report)}`;
}

function because({ reason, cites }: Pick<Judgment, 'reason' | 'cites'>, report: Report): Html {
  if (reason === null) return NOTHING;
  return html` (${named(reasonInWords(reason))}${cites === null ? NOTHING : html`: ${cited(cites, report)}`})`;
}

function cited(id: string | null, { titles }: Report): Html {
  if (id === null) return html`–`;
  const title = Object.hasOwn(titles, id) ? titles[id] : undefined;
  return title === undefined ? named(reasonInWords(id)) : html`${named(title)} <span class="share">${named(id)}</span>`;
}

function oneMessage(message: Json): Html {
  if (message === null || typeof message !== 'object' || Array.isArray(message)) return writtenText(pretty(message));
  const { role, content, ...rest } = message;
  return html`<div class="message"><p class="role">${named(typeof role === 'string' ? role : 'message')}</p>
${writtenText(typeof content === 'string' ? content : pretty(content ?? null))}
${Object.keys(rest).length > 0 ? writtenText(pretty(rest)) : NOTHING}</div>`;
}

function pretty(value: Json): string {
  return JSON.stringify(value, null, 2);
}
