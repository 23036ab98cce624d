/** What a browser shows at the site's address. */
import { html } from 'hono/html';
import { type App, newRoutes } from '../app';

const PAGE = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Plumbline</title>
<style>
:root { color-scheme: light dark }
body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 38rem; margin: 12vh auto; padding: 0 1.2rem }
code { font-size: .95em }
</style>
</head>
<body>
<h1>Plumbline’s site runs here</h1>
<p>It is what labellers’ and researchers’ programs talk to; pages of its own are still to come.</p>
<ul>
<li>To label, in a terminal: <code>plumbline labeller work</code>, with the token of your invitation.</li>
<li>For programs: the API is described at <a href="/api/openapi.json">/api/openapi.json</a>.</li>
<li>To run rounds: <code>plumbline --help</code>.</li>
</ul>
</body>
</html>`;

export function frontRoutes(): App {
  const routes = newRoutes();
  routes.get('/', (c) => c.html(PAGE));
  return routes;
}
