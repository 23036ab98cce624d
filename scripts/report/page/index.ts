/** The page: one file that needs nothing beside it, no script and no request. The same report gives the same bytes. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { html, raw } from 'hono/html';
import type { Report } from '../../../db/report/read';
import { harmlessLine } from '../../harmless';
import { drawCharts } from './charts';
import { costsSection } from './costs';
import { countsSection } from './counts';
import { examplesSection } from './examples';
import { historySection } from './history';
import { labellersSection } from './labellers';
import { manifestSection } from './manifest';
import { type Html, NOTHING } from './pieces';
import { boundsSection, verdictsSection } from './results';
import { summary } from './summary';

const STYLE = readFileSync(path.join(__dirname, 'page.css'), 'utf8');
/** Whatever a text of others might make a browser believe: nothing is loaded, nothing runs. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

export async function reportPage(report: Report): Promise<string> {
  const charts = await drawCharts(report);
  const title = `${harmlessLine(report.name)} – Plumbline report`;
  const page = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="referrer" content="no-referrer">
<title>${report.simulated.any ? `SIMULATED: ${title}` : title}</title>
<style>${raw(STYLE)}</style>
</head>
<body class="${report.simulated.any ? 'simulated' : ''}">
<a class="skip" href="#main">To the report</a>
${report.simulated.any ? SIMULATED : NOTHING}
${FILL_PATTERNS}
<main id="main">
${summary(report)}
${boundsSection(report, charts)}
${verdictsSection(report, charts)}
${labellersSection(report, charts)}
${examplesSection(report)}
${countsSection(report)}
${costsSection(report)}
${historySection(report)}
${manifestSection(report)}
</main>
<footer><p>Plumbline ${report.manifest.plumbline}. As of ${report.times.asOf}, by the round’s own data.</p></footer>
</body>
</html>
`;
  return String(page);
}

/** The second one is for paper, where it stands on every sheet. */
const SIMULATED: Html = html`<aside class="banner" aria-label="SIMULATED"><strong>SIMULATED</strong> a part of this round is a simulation</aside>
<div class="watermark" aria-hidden="true">SIMULATED</div>`;

/** What charts fill their parts with: told apart without colour too. */
const FILL_PATTERNS: Html = html`<svg width="0" height="0" class="patterns" aria-hidden="true" focusable="false"><defs>
<pattern id="fill-ambiguous" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="var(--paper)"/><rect width="2.5" height="6" fill="var(--accent)"/></pattern>
<pattern id="fill-unresolved" width="5" height="5" patternUnits="userSpaceOnUse"><rect width="5" height="5" fill="var(--paper)"/><circle cx="2.5" cy="2.5" r="1.3" fill="var(--muted)"/></pattern>
<pattern id="fill-failed" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="var(--paper)"/><path d="M0 0L6 6M6 0L0 6" stroke="var(--muted)"/></pattern>
</defs></svg>`;
