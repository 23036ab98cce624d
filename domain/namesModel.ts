/**
 * Whether a completion tells which model wrote it, so that whoever judges it may not be blind. A heuristic, for counting:
 * it looks for the model's own name and for an assistant that introduces itself or names its maker.
 */
const ASSISTANTS = [
  'ChatGPT',
  'GPT',
  'Claude',
  'Gemini',
  'Bard',
  'Llama',
  'Vicuna',
  'Alpaca',
  'Koala',
  'Mistral',
  'Mixtral',
  'Qwen',
  'DeepSeek',
  'Grok',
  'Copilot',
  'Command R',
  'Phi',
  'Gemma',
  'Falcon',
  'OpenAssistant',
  'Open Assistant',
  'BLOOM',
  'PaLM',
  'Ernie',
  'Kimi',
  'Yi',
  'GLM',
  'Nova',
  'LaMDA',
  'Pythia',
  'OLMo',
  'Tulu',
  'Zephyr',
  'Hermes',
  'Dolly',
  'StableLM',
  'MPT',
];
const MAKERS = [
  'OpenAI',
  'Anthropic',
  'Google',
  'DeepMind',
  'Meta',
  'Mistral',
  'Alibaba',
  'DeepSeek',
  'xAI',
  'Microsoft',
  'Cohere',
  'LAION',
  'Databricks',
  'Moonshot',
  'Zhipu',
  'Baidu',
  'Amazon',
  'AI2',
  'Allen Institute',
  'EleutherAI',
  'LMSYS',
  'Stability',
];

/** What may stand between "I am" and a name. */
const BETWEEN = String.raw`(?:an?\s+|the\s+)?(?:(?:large|small|AI|language|open|model|assistant|chatbot|called|named|known as)\s+)*`;
const INTRODUCES = new RegExp(
  String.raw`\b(?:I am|I['’]m|my name is|I['’]m called)\s+${BETWEEN}(?:${ASSISTANTS.join('|')})\b`,
  'i',
);
/** After a mere "as" only a name that is nothing else: "as Nova Scotia" tells nothing. */
const AS_ONE = /\bas (?:ChatGPT|GPT-\d\S*|Claude|Vicuna|OpenAssistant|DeepSeek|Qwen)\s*,/i;
const MADE_BY = new RegExp(
  String.raw`\b(?:I|me|model|assistant|AI)\b[^.!?\n]{0,40}\b(?:trained|developed|created|made|built)\s+by\s+(?:the\s+)?(?:[A-Z]\w+\s+)?(?:${MAKERS.join('|')})\b`,
);

/** @param message canonical JSON of the assistant's message. */
export function namesModel(message: string, model: { id: string; apiModel: string }): boolean {
  const text = textOf(JSON.parse(message));
  if ([INTRODUCES, AS_ONE, MADE_BY].some((telling) => telling.test(text))) return true;
  return [model.id, model.apiModel].some((name) => isTelling(name) && contains(text, name));
}

/** A name that nobody would write by chance: with letters and digits, such as gpt-4o-mini. */
function isTelling(name: string): boolean {
  return name.length >= 5 && /\p{L}/u.test(name) && /\d/.test(name);
}

function contains(text: string, name: string): boolean {
  const at = text.toLowerCase().indexOf(name.toLowerCase());
  if (at < 0) return false;
  const outside = /[\p{L}\p{N}]/u;
  return !outside.test(text.charAt(at - 1)) && !outside.test(text.charAt(at + name.length));
}

function textOf(message: unknown): string {
  if (typeof message === 'string') return message;
  if (typeof message !== 'object' || message === null || !('content' in message)) return '';
  return typeof message.content === 'string' ? message.content : '';
}
