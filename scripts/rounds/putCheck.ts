/** Whether every prompt can be put as the round's variants put it: looked at before the round is started. */
import { type Problem, refuseIfAny } from '../../domain/problems';
import type { NewPrompt, PromptSource } from '../../domain/prompts';
import { type FrozenVariant, putPrompt, VariantFault } from '../../domain/variants';
import { LineFault } from '../intake/lineFault';

/** @throws LineFault for a prompt that a variant cannot put. */
export type PromptCheck = (prompt: NewPrompt) => void;

const LISTED = 20;

/** Nothing to check where no variant has a template; one of each template is enough. */
export function putCheck(variants: readonly FrozenVariant[]): PromptCheck | undefined {
  const templates = new Map(variants.flatMap((one) => (one.template === undefined ? [] : [[one.template, one]])));
  if (templates.size === 0) return undefined;
  return ({ messages, metadata }) => {
    for (const variant of templates.values()) {
      try {
        putPrompt(messages, variant, metadata ?? null);
      } catch (error) {
        throw error instanceof VariantFault ? faultOf(error) : error;
      }
    }
  };
}

/** The same for a stored set, whose prompts are known by their ids. @throws ProblemsError with the first twenty. */
export async function refuseUnfit(source: PromptSource, check: PromptCheck): Promise<void> {
  const problems: Problem[] = [];
  let total = 0;
  for await (const prompt of source.prompts()) {
    try {
      check(prompt);
    } catch (error) {
      if (!(error instanceof LineFault)) throw error;
      total += 1;
      const at = `${source.name} ${prompt.externalId}`;
      if (problems.length < LISTED) problems.push({ kind: 'prompts', message: error.message, at });
    }
  }
  refuseIfAny(problems, total);
}

function faultOf({ code, variant, field }: VariantFault): LineFault {
  switch (code) {
    case 'unknown-field':
      return new LineFault(
        field ?? '',
        `has no ${field ?? 'field'}, which the variant ${variant} puts in its template`,
      );
    case 'blank-prompt':
      return new LineFault('', `comes out blank from the template of the variant ${variant}`);
    case 'no-user-message':
      return new LineFault('', `has no message of the user to put in the template of the variant ${variant}`);
    case 'no-text':
      return new LineFault('', `has no text in its last message to put in the template of the variant ${variant}`);
  }
}
