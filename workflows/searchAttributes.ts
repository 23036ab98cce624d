/** What a round can be searched by in Temporal. An attribute that Temporal does not know would fail the workflow's task for ever. */
import { defineSearchAttributeKey } from '@temporalio/common';
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { ShownStatus } from '../domain/pausing';
import type { RoundProgress } from '../domain/progress';
import { SEARCH_ATTRIBUTES } from '../domain/searchAttributes';

const STATUS = defineSearchAttributeKey('PlumblineRoundStatus', SEARCH_ATTRIBUTES.PlumblineRoundStatus);
const ATTENTION = defineSearchAttributeKey('PlumblineNeedsAttention', SEARCH_ATTRIBUTES.PlumblineNeedsAttention);

export class Searchable {
  private known = false;

  /** Only what has changed is sent. */
  show(progress: RoundProgress): void {
    this.known = progress.searchable ?? false;
    this.upsert(progress.paused ? 'paused' : progress.status, progress.needsAttention !== null);
  }

  /** Of what was shown last, this is another status. */
  showStatus(status: ShownStatus): void {
    this.upsert(status, workflowInfo().typedSearchAttributes.get(ATTENTION) ?? false);
  }

  private upsert(status: ShownStatus, attention: boolean): void {
    if (!this.known) return;
    const { typedSearchAttributes: shown } = workflowInfo();
    if (shown.get(STATUS) === status && shown.get(ATTENTION) === attention) return;
    upsertSearchAttributes([
      { key: STATUS, value: status },
      { key: ATTENTION, value: attention },
    ]);
  }
}
