/**
 * A worker thread that draws: Vega-Lite specs in, SVG texts out, in the same order. Plain JavaScript, so that the thread needs
 * no loader; a thread, because drawing takes a tenth of a second and more, and Vega can only be imported, never required.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { parse, View } from 'vega';
import { compile } from 'vega-lite';

const drawn = [];
// One after the other: Vega numbers what it refers to, and the same specs are to give the same bytes.
for (const spec of workerData) {
  drawn.push(await new View(parse(compile(spec).spec), { renderer: 'none' }).toSVG());
}
parentPort?.postMessage(drawn);
