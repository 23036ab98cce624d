/** What the report rests on, so that somebody else can find it again and check it. */
import { html } from 'hono/html';
import { stringify } from 'yaml';
import type { Manifest, Named } from '../../../db/report/manifest';
import type { Report } from '../../../db/report/read';
import { harmless } from '../../harmless';
import { grouped } from '../numbers';
import { type Column, dataTable, facts, type Html, NOTHING, named, section } from './pieces';

export function manifestSection({ manifest, form }: Report): Html {
  const { roundId, spec, specHash, seed, manual, capabilityTable, measured, promptSet, sample } = manifest;
  return section(
    'manifest',
    'Manifest',
    html`${facts([
      ['Round', html`<code>${roundId}</code>`],
      ['Seed', html`<code>${seed}</code>`],
      ['Hash of spec, seed, manual and table', html`<code>${specHash}</code>`],
      ['Form', form],
      ['Manual', revision(manual)],
      ['Capability table', revision(measured ? measured.capabilityTable : capabilityTable)],
      ...(measured && measured.capabilityTable?.hash !== capabilityTable?.hash
        ? ([['Capability table now', revision(capabilityTable)]] as const)
        : []),
      ['Measured at', measured ? measured.at : 'not yet'],
      ['Hash of the measurement’s inputs', measured ? html`<code>${measured.inputHash}</code>` : 'none'],
      ['Hash of all answers', measured ? html`<code>${measured.answersHash}</code>` : 'none'],
      ['Prompt set', html`${named(promptSet.name)} <code>${promptSet.hash}</code>`],
      ['Prompts', `${grouped(sample)} of ${grouped(promptSet.size)}, ${promptSet.kind}, to ${promptSet.purpose}`],
      ['Plumbline', manifest.plumbline],
      ['Schema', manifest.schema],
    ])}
${dataTable('Models, how they were asked, and what their providers said', modelColumns(), manifest.models, { broad: true })}
<details class="spec"><summary>The spec</summary><pre class="text">${harmless(stringify(spec))}</pre></details>`,
  );
}

function revision(given: Named | null): Html {
  return given ? html`${named(given.name ?? '')} <code>${given.hash}</code>` : html`none`;
}

type Model = Manifest['models'][number];

function modelColumns(): Column<Model>[] {
  const setting = (value: number | string | null) => value ?? '–';
  return [
    {
      heading: 'Model',
      cell: ({ id, simulated }) => html`${named(id)}${simulated ? html` <span class="tag">simulated</span>` : NOTHING}`,
    },
    { heading: 'Asked for', words: true, cell: ({ apiModel }) => named(apiModel) },
    { heading: 'Answered as', words: true, cell: saidOf },
    { heading: 'Temperature', cell: ({ temperature }) => setting(temperature) },
    { heading: 'Top p', cell: ({ topP }) => setting(topP) },
    { heading: 'Most tokens', cell: ({ maxTokens }) => setting(maxTokens) },
    { heading: 'Seed', cell: ({ seed }) => setting(seed) },
    { heading: 'System prompt', words: true, cell: ({ system }) => (system === null ? 'none' : 'in the spec') },
    { heading: 'Family', words: true, cell: ({ family }) => (family === null ? '–' : named(family)) },
    { heading: 'Parameters', cell: ({ parameters }) => setting(parameters) },
    { heading: 'Regime', words: true, cell: ({ regime }) => (regime === null ? '–' : named(regime)) },
  ];
}

function saidOf({ said }: Model): Html {
  if (said.length === 0) return html`–`;
  return html`${said.map(
    ({ returnedModel, fingerprint, completions }, i) =>
      html`${i > 0 ? '; ' : ''}${named(returnedModel ?? 'no name')}${fingerprint === null ? NOTHING : html`, ${named(fingerprint)}`} (${grouped(completions)})`,
  )}`;
}
