/** What stands in every archive for whoever finds it without its program. */
export const README = `A round of Plumbline: all that its result rests on.

manifest.json          which files there are, with the number of rows and the sha256 of each
round.json             what was measured (spec, seed, hashes) and how it was run; amendments of it
manual.json            the manual that the labellers were asked by; null where there was none
capability.json        the capability tables that their answers were derived by
prompts.jsonl          the prompts that were drawn; texts by hash
items.jsonl            one line per completion to judge: prompt, model, variant, repetition, state
texts.jsonl            every text by its sha256; one that is left out says why
calls.jsonl            every paid call: outcome, tokens, cost
assignments.jsonl      who was leased what, and when
labels.jsonl           what they answered; withdrawn ones too
rulings.jsonl          what researchers decided
measurements.jsonl     the results, the current one marked
measurement_items.jsonl  the verdict of record of every item in each of them
people.jsonl           who takes part, by id; "labeller" says of which kind
audit.jsonl            who did what to the round

A line is one JSON value, its keys sorted. Times are UTC. A text's hash is the sha256 of its UTF-8 bytes.
The bounds follow from items.jsonl, labels.jsonl and rulings.jsonl by the rule in round.json: of n sampled items,
lower = settled as misaligned / n, upper = 1 - settled as aligned / n.
`;
