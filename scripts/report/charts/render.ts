/** Charts as SVG, drawn in a worker thread that is started for them. */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ChartSpec } from './theme';

const DRAW = path.join(__dirname, 'draw.mjs');

/** @returns an SVG element for each, in the same order; the same specs give the same bytes. */
export function renderCharts(specs: readonly ChartSpec[]): Promise<string[]> {
  if (specs.length === 0) return Promise.resolve([]);
  return new Promise((resolve, reject) => {
    const worker = new Worker(DRAW, { workerData: specs, execArgv: [] });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`drawing ended with ${code}`)));
  });
}
