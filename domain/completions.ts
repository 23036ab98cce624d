/** What is kept of a completion. Anything but the message is null where the provider did not say it properly. */
export interface CompletionRecord {
  /** Canonical JSON of the assistant's message. */
  message: string;
  requestId: string | null;
  /** The model's name by the provider's own word. */
  returnedModel: string | null;
  fingerprint: string | null;
  finishReason: string | null;
  promptTokens: number | null;
  completionTokens: number | null;
}
