/**
 * Erasing a text that must not be kept: its row stays as a tombstone, so that whatever points to it by its hash still holds.
 * What a text is read for lives elsewhere.
 */
export { redactedAgain } from './again';
export { findTexts, type TextUse, textsOfItem, useOfText } from './find';
export { type RedactResult, redactText } from './redact';
export { COUNTED_AT_MOST, type Place, type Repeats, repeatsOf } from './repeats';
export { withholdRedacted } from './withhold';
