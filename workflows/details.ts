/** What Temporal's own pages show of a live workflow. Counts and codes only: nothing that people or models wrote. */
import type { RoundProgress, ShardProgress } from '../domain/progress';

export function describeRound(progress: RoundProgress): string {
  const { status, shards, items, needsAttention } = progress;
  return [
    `**${status}**${needsAttention ? ` · needs attention: ${needsAttention}` : ''}`,
    `shards: ${shards.waiting} waiting, ${shards.generating} generating, ${shards.labelling} labelling, ${shards.done} done`,
    items ? `items: ${describeCounts(items)}` : '',
  ]
    .filter(Boolean)
    .join('\n\n');
}

export function describeShard(progress: ShardProgress): string {
  return `**${progress.state}**\n\nitems: ${describeCounts(progress.items)}`;
}

function describeCounts(counts: Record<string, number>): string {
  return Object.entries(counts)
    .filter(([, n]) => n > 0)
    .map(([state, n]) => `${n} ${state}`)
    .join(', ');
}
