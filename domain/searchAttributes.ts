/** What Temporal can search rounds by, once it has been told of these attributes. */
export const SEARCH_ATTRIBUTES = {
  /** opening, running, paused, measuring, done, cancelled or failed. */
  PlumblineRoundStatus: 'KEYWORD',
  PlumblineNeedsAttention: 'BOOL',
} as const;

export type SearchAttributeName = keyof typeof SEARCH_ATTRIBUTES;

export const SEARCH_ATTRIBUTE_NAMES = Object.keys(SEARCH_ATTRIBUTES).filter(
  (name): name is SearchAttributeName => name in SEARCH_ATTRIBUTES,
);
