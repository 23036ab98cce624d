/** An item that a researcher is shown, as programs read it: the same from `adjudicate show --json` and from the site. */
import { describeForm } from '../../domain/forms';
import { exampleAnswers } from '../../domain/forms/example';
import type { SeenItem } from './see';

export function shownItem({ itemId, roundId, state, served, rulings, labels }: SeenItem) {
  const { messages, completion, completionMessage, judgeTurn, form, words, manual } = served;
  const { name, questions } = describeForm(form, words);
  return {
    itemId,
    roundId,
    state,
    messages,
    completion,
    ...(completionMessage && { completionMessage }),
    ...(judgeTurn !== undefined && { judgeTurn }),
    form: { name, questions: [...questions] },
    example: exampleAnswers(form, words),
    manual: manual && { name: manual.name, revision: manual.revision },
    rulings: rulings.map(({ judgment, at, ...ruling }) => ({ ...ruling, ...judgment, at: at.toISOString() })),
    labels: labels?.map(({ judgment, at, ...label }) => ({ ...label, ...judgment, at: at.toISOString() })) ?? null,
  };
}
