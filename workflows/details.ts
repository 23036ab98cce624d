/** What Temporal's own pages show of a live workflow. Counts and codes only: nothing that people or models wrote. */
import type { RefusedAct, RoundProgress, ShardProgress } from '../domain/progress';

export function describeRound(progress: RoundProgress): string {
  const { status, paused, shards, items, needsAttention, refused = [] } = progress;
  return [
    `**${paused ? 'paused' : status}**${needsAttention ? ` · needs attention: ${needsAttention}` : ''}`,
    `shards: ${shards.waiting} waiting, ${shards.generating} generating, ${shards.labelling} labelling, ${shards.done} done`,
    items ? `items: ${describeCounts(items)}` : '',
    refused.length > 0 ? `refused of late:\n${refused.map(describeRefusal).join('\n')}` : '',
  ]
    .filter(Boolean)
    .join('\n\n');
}

export const GENERATING = '**generating**';

export function describeShard(progress: ShardProgress): string {
  return `**${progress.state}**\n\nitems: ${describeCounts(progress.items)}`;
}

function describeRefusal({ at, actor, action, subject, code }: RefusedAct): string {
  const on = subject === null ? '' : ` on ${plain(subject)}`;
  return `- ${at} ${plain(actor)}: ${action}${on}${code === null ? '' : `: **${code}**`}`;
}

/** As code, so that what somebody sent where an id belongs is never read as markup. */
function plain(text: string): string {
  return `\`${text.replace(/[^\w.:@/-]/g, '?')}\``;
}

function describeCounts(counts: Record<string, number>): string {
  return Object.entries(counts)
    .filter(([, n]) => n > 0)
    .map(([state, n]) => `${n} ${state}`)
    .join(', ');
}
