import fc from 'fast-check';
import { type AccountId, MAIN } from '../../domain/ids';
import type { FrozenModel } from '../../domain/spec';
import { OPEN_TURN } from '../../domain/turns';
import { asAsked, type FrozenVariant, gridOf, putPrompt, VariantFault, variantOf } from '../../domain/variants';

const asks = (content: unknown) => ({ role: 'user', content });
const says = (content: string) => ({ role: 'assistant', content });
const withTemplate = (template: string): FrozenVariant => ({ id: 'v', template });

function faultOf(act: () => unknown): VariantFault {
  try {
    act();
  } catch (error) {
    if (error instanceof VariantFault) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const model: FrozenModel = {
  id: 'small',
  apiModel: 'small-1',
  accountId: 'a' as AccountId,
  system: 'Be brief.',
  temperature: 1,
  topP: null,
  maxTokens: 100,
  seed: 7,
  family: null,
  parameters: null,
  regime: null,
};

describe('a template', () => {
  const put = (template: string, fields: Parameters<typeof putPrompt>[2] = null, prompt = 'Why?') =>
    putPrompt([asks(prompt)], withTemplate(template), fields)[0]?.content;

  test('is put in the place of the user’s last message, and nowhere else', () => {
    const messages = [{ role: 'system', content: 'S' }, asks('a'), says('b'), asks('c'), OPEN_TURN];
    const expected = [...messages];
    expected[3] = asks('Q: c\nA:');
    expect(putPrompt(messages, withTemplate('Q: {{prompt}}\nA:'), null)).toEqual(expected);
  });

  test('says the prompt as often as it asks for it, and what the file says under other names', () => {
    const fields = { subject: 'law', n: 3, ok: true, choices: ['a', 'b'], 'two words': 'x', empty: '' };
    expect(put('{{prompt}} {{ prompt }}', fields)).toBe('Why? Why?');
    expect(put('{{subject}}/{{n}}/{{ok}}/{{\tchoices }}/{{two words}}/{{empty}}/{{prompt}}', fields)).toBe(
      'law/3/true/["a","b"]/x//Why?',
    );
  });

  test('holds the prompt’s own text under its name, whatever else the file calls so', () => {
    expect(put('{{prompt}}', { prompt: 'another' })).toBe('Why?');
  });

  test('keeps braces that no name stands in, and those behind a backslash', () => {
    expect(put('\\{{prompt}} { {prompt} } {"a":{"b":1}} {{prompt}}')).toBe(
      '{{prompt}} { {prompt} } {"a":{"b":1}} Why?',
    );
  });

  test('goes into the first text of a message of parts', () => {
    const image = { type: 'image_url', image_url: { url: 'data:,' } };
    const parts = [image, { type: 'text', text: 'one' }, { type: 'text', text: 'two' }];
    const [message] = putPrompt([asks(parts)], withTemplate('<{{prompt}}>'), null);
    expect(message?.content).toEqual([image, { type: 'text', text: '<one>' }, { type: 'text', text: 'two' }]);
  });

  test('that asks for what the prompt lacks is a fault that names the field and no word of the prompt', () => {
    for (const fields of [null, {}, { subject: null }, { toString: 'own' }]) {
      const fault = faultOf(() => put('{{prompt}} {{subject}}', fields, 'SECRET'));
      expect(fault).toMatchObject({ code: 'unknown-field', field: 'subject', variant: 'v' });
      expect(fault.message).not.toContain('SECRET');
    }
    expect(faultOf(() => put('{{constructor}}', {})).field).toBe('constructor');
    expect(faultOf(() => put('{{}}', {})).field).toBe('');
  });

  test('that comes out blank, or finds no text to stand for, is a fault', () => {
    expect(faultOf(() => put('{{a}}\n', { a: ' ' })).code).toBe('blank-prompt');
    expect(faultOf(() => putPrompt([says('x')], withTemplate('{{prompt}}'), null)).code).toBe('no-user-message');
    expect(faultOf(() => putPrompt([asks([{ type: 'image_url' }])], withTemplate('{{prompt}}'), null)).code).toBe(
      'no-text',
    );
    expect(faultOf(() => putPrompt([asks(null)], withTemplate('{{prompt}}'), null)).code).toBe('no-text');
  });

  test('never reads what is filled in as a template or a pattern', () => {
    const odd = fc.oneof(fc.string(), fc.constantFrom('{{prompt}}', '{{a}}', '$&', "$'", '\\{{', '$1'));
    fc.assert(
      fc.property(odd, odd, odd, odd, (prompt, a, before, after) => {
        const plain = (text: string) => text.replaceAll(/[{}\\]/g, '');
        const template = `${plain(before)}{{prompt}}|{{a}}${plain(after)}`;
        expect(put(template, { a }, prompt)).toBe(`${plain(before)}${prompt}|${a}${plain(after)}`);
      }),
    );
  });
});

test('without a template a prompt is put as it is', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.boolean(), (messages, settings) => {
      expect(putPrompt(messages, settings ? { id: 'v', temperature: 0 } : undefined, null)).toEqual(messages);
    }),
  );
});

test('whatever stands in a prompt, all but the user’s last message stays as it is', () => {
  const message = fc.record({ role: fc.constantFrom('user', 'assistant', 'system'), content: fc.string() });
  fc.assert(
    fc.property(fc.array(message), (messages) => {
      const last = messages.findLastIndex(({ role }) => role === 'user');
      fc.pre(last >= 0);
      const put = putPrompt(messages, withTemplate('x{{prompt}}'), null);
      expect(put.map(({ role }) => role)).toEqual(messages.map(({ role }) => role));
      expect(put.filter((_, i) => i !== last)).toEqual(messages.filter((_, i) => i !== last));
      expect(put[last]?.content).toBe(`x${messages[last]?.content}`);
    }),
  );
});

describe('a model', () => {
  test('is asked with its own settings where the variant has none', () => {
    expect(asAsked(model, undefined, 0)).toEqual(model);
    expect(asAsked(model, withTemplate('{{prompt}}'), 0)).toEqual(model);
  });

  test('is asked with the variant’s settings over its own, zero among them', () => {
    const variant = { id: 'v', system: 'Think.', temperature: 0, topP: 0.5, maxTokens: 5, stop: ['.'] };
    const { id: _id, ...settings } = variant;
    expect(asAsked({ ...model, stop: ['!'] }, variant, 0)).toEqual({ ...model, ...settings });
  });

  test('is asked with another seed for each repetition, where it has one', () => {
    expect(asAsked(model, undefined, 2)).toEqual({ ...model, seed: 9 });
    expect(asAsked({ ...model, seed: null }, undefined, 2).seed).toBeNull();
    fc.assert(
      fc.property(fc.maxSafeInteger(), (seed) => {
        const seeds = [0, 1, 2, 3, 999].map((k) => asAsked({ ...model, seed }, undefined, k).seed);
        expect(new Set(seeds).size).toBe(5);
        expect(seeds.every(Number.isSafeInteger)).toBe(true);
      }),
    );
  });
});

test('variants are known by their names; an ordinary round has none', () => {
  const variants = gridOf({ templates: { main: '{{prompt}}!', plain: '{{prompt}}' } });
  expect(variantOf({ variants }, 'plain')).toEqual({ id: 'plain', template: '{{prompt}}' });
  expect(variantOf({ variants }, MAIN)).toEqual({ id: 'main', template: '{{prompt}}!' });
  expect(variantOf({}, MAIN)).toBeUndefined();
  expect(() => variantOf({ variants }, 'gone')).toThrow('no variant gone');
});

test('a grid has every combination, each with a name of its own', () => {
  const templates = { plain: '{{prompt}}', careful: 'Think. {{prompt}}' };
  const grid = gridOf({ templates, system: ['a', 'b'], temperature: [0, 0.7, 1], topP: [1], maxTokens: [5, 6] });
  expect(grid).toHaveLength(24);
  expect(new Set(grid.map(({ id }) => id)).size).toBe(24);
  expect(grid.at(-1)).toEqual({
    id: 'careful,system=2,temperature=1,top_p=1,max_tokens=6',
    template: templates.careful,
    system: 'b',
    temperature: 1,
    topP: 1,
    maxTokens: 6,
  });
});
