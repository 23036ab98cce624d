/** When the live process `pid` started, as an opaque word; undefined if no such process lives (a zombie does not). */
export function processStart(pid: number): string | undefined;
