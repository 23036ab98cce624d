import fc from 'fast-check';
import { canonicalJson, hashJson, hashText, uuidOf, wellFormed, wellFormedJson } from '../../domain/text';

describe('text', () => {
  test('is hashed as sha256 of its UTF-8 bytes', () => {
    expect(hashText('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  test('loses NUL bytes and lone surrogates, and nothing else', () => {
    expect(wellFormed('a\u0000b\ud800c\u{1f600}')).toBe('a\u2400b\ufffdc\u{1f600}');
    expect(wellFormedJson({ '\u0000k': ['\udfff', 1, null] })).toEqual({ '\u2400k': ['\ufffd', 1, null] });
  });

  test('has one canonical JSON, whatever the order of keys', () => {
    expect(canonicalJson({ b: 1, a: [true, null, 'x'], c: undefined })).toBe('{"a":[true,null,"x"],"b":1}');
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('refuses numbers that JSON cannot hold', () => {
    expect(() => hashJson({ n: Number.NaN })).toThrow(TypeError);
  });

  test('names the same thing by the same version-8 UUID', () => {
    expect(uuidOf('a')).toBe(uuidOf('a'));
    expect(uuidOf('a')).not.toBe(uuidOf('b'));
    expect(uuidOf('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
