import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSplitter, LineTooLong } from '../../src/control/index.ts';

test('gives the same lines however the bytes are cut', () => {
  const lines = fc.array(
    fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', '')),
    { minLength: 1 },
  );
  fc.assert(
    fc.property(lines, fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (expected, sizes) => {
      const bytes = Buffer.from(`${expected.join('\n')}\n`);
      const splitter = new LineSplitter(10_000);
      const found: string[] = [];
      for (let at = 0; at < bytes.length; ) {
        const size = sizes.next().value;
        for (const line of splitter.push(bytes.subarray(at, at + size))) found.push(line.toString());
        at += size;
      }
      expect(found).toEqual(expected.map((line) => Buffer.from(line).toString()));
      expect(splitter.held).toBe(0);
    }),
  );
});

test('holds no more than its limit, and takes a line of exactly that', () => {
  const splitter = new LineSplitter(4);
  expect([...splitter.push(Buffer.from('abcd\nab'))].map(String)).toEqual(['abcd']);
  expect(() => [...splitter.push(Buffer.from('cde'))]).toThrow(LineTooLong);
});
