import { isRequirement, languagesOf, nearRequirement } from '../../domain/requirements';

test.each([
  ['lang:dee', 'lang:de'],
  ['lang:DE', 'lang:de'],
  ['language:de', 'lang:de'],
  ['lnag:de', undefined],
  ['langs:de', 'lang:de'],
  ['domain:medecine', 'domain:medicine'],
  ['content:selfharm', 'content:self-harm'],
  ['lang:en', undefined],
  ['lang:da', undefined],
  ['domain:law', undefined],
  ['lang:de', undefined],
])('%s may be meant to be %s', (given, meant) => {
  expect(nearRequirement(given, ['lang:de', 'domain:medicine', 'content:self-harm'])).toBe(meant);
});

test('the languages among what somebody holds are those after lang:', () => {
  expect(languagesOf(['domain:law', 'lang:de', 'lang:pt-BR'])).toEqual(['de', 'pt-BR']);
});

test('a requirement is a kind and a value', () => {
  expect(['lang:de', 'domain:medicine', 'a:b'].every(isRequirement)).toBe(true);
  expect(['lang', 'lang:', ':de', 'lang:d e', 'Lang:de', ''].some(isRequirement)).toBe(false);
});
