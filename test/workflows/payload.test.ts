import { type Payload, RawValue } from '@temporalio/common';
import { encode } from '@temporalio/common/lib/encoding';
import { readPayload } from '../../workflows/payload';

const payload = (json: string, encoding = 'json/plain'): RawValue =>
  RawValue.fromPayload({ metadata: { encoding: encode(encoding) }, data: encode(json) });
const nested = (levels: number, open: string, close: string) => `${open.repeat(levels)}1${close.repeat(levels)}`;

test('what is small and flat is read', () => {
  const ruling = { itemId: 'x', answers: { faults: [{ kind: 'loophole', entry: null }] } };
  expect(readPayload(new RawValue(ruling))).toEqual(ruling);
  expect(readPayload(payload(nested(10, '[', ']')))).toEqual([[[[[[[[[[1]]]]]]]]]]);
  const text = 'x'.repeat(19_998);
  expect(readPayload(payload(JSON.stringify(text)))).toBe(text);
});

test.each<[string, RawValue | undefined]>([
  ['nothing', undefined],
  ['null', new RawValue(null)],
  ['no JSON', payload('{"a":')],
  ['an empty payload', RawValue.fromPayload({})],
  ['what is encoded as nobody knows', payload('{}', 'binary/encrypted')],
  ['bytes', new RawValue(new Uint8Array(4))],
  ['a text that is too long', payload(JSON.stringify('x'.repeat(19_999)))],
  ['lists nested too deep', payload(nested(11, '[', ']'))],
  ['groups nested too deep', payload(nested(11, '{"a":', '}'))],
  ['lists nested as deep as fits', payload(nested(9_000, '[', ']'))],
  ['lists nested without end', payload(nested(1_000_000, '[', ']'))],
])('%s is nothing', (_name, sent) => expect(readPayload(sent)).toBeNull());

test('a payload stays as it is', () => {
  const one: Payload = { metadata: { encoding: encode('json/plain') }, data: encode('{"a":1}') };
  readPayload(RawValue.fromPayload(one));
  expect(one).toEqual({ metadata: { encoding: encode('json/plain') }, data: encode('{"a":1}') });
});
