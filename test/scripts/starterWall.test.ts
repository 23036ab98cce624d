/** What is shipped together goes together: the starter manual's examples are none of the prompts that the demo measures. */
import { likenessOf } from '../../domain/likeness';
import { PROMPTS } from '../../scripts/demo/spec';
import { readManual } from '../../scripts/intake/manual';
import { readPrompts } from '../../scripts/intake/prompts';
import { STARTER } from '../../scripts/manuals/init';

test('no example of the starter manual is a prompt of the shipped ones', async () => {
  const { examples } = readManual(STARTER).manual;
  const shown = new Set(examples.map(({ messages }) => likenessOf(messages)));
  expect(shown.size).toBe(examples.length);
  const source = await readPrompts(PROMPTS);
  const both: string[] = [];
  for await (const { externalId, messages } of source.prompts()) {
    if (shown.has(likenessOf(messages))) both.push(externalId);
  }
  expect(both).toEqual([]);
});
