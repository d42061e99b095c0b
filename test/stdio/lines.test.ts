import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineReader } from '../../src/bridge/lines.ts';

function read(chunks: Buffer[], maxBytes: number): { lines: string[]; oversized: [string, string][] } {
  const lines: string[] = [];
  const oversized: [string, string][] = [];
  const reader = new LineReader(
    {
      line: (line) => void lines.push(line.toString('utf8')),
      oversized: (head, tail) => void oversized.push([head, tail]),
    },
    maxBytes,
  );
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return { lines, oversized };
}

function cut(text: Buffer, at: number[]): Buffer[] {
  const points = [0, ...at.map((point) => point % (text.length + 1)).sort((a, b) => a - b), text.length];
  return points.slice(1).map((end, index) => text.subarray(points[index], end));
}

describe('LineReader', () => {
  it('finds the same lines however the input is cut', () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'é', '😀', '"', ' '), minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat()), fc.boolean(), (lines, points, crlf) => {
        const text = Buffer.from(lines.map((one) => one + (crlf ? '\r\n' : '\n')).join(''));
        expect(read(cut(text, points), 1_000).lines).toEqual(lines);
      }),
    );
  });

  it('takes a last line without its end, and no empty ones', () => {
    expect(read([Buffer.from('\n\r\na\n\nb')], 10).lines).toEqual(['a', 'b']);
  });

  it('throws a line over the limit away, keeps both its ends, and goes on with the next', () => {
    const long = `{"head${'x'.repeat(5_000)}tail"}`;
    fc.assert(
      fc.property(fc.array(fc.nat()), (points) => {
        const { lines, oversized } = read(cut(Buffer.from(`a\n${long}\nb\n`), points), 100);
        expect(lines).toEqual(['a', 'b']);
        expect(oversized).toHaveLength(1);
        expect(long.startsWith(oversized[0]![0])).toBe(true);
        expect(oversized[0]![0].startsWith('{"head')).toBe(true);
        expect(oversized[0]![1]).toBe(long.slice(-512));
      }),
    );
  });

  it('takes a line of exactly the limit', () => {
    expect(read([Buffer.from('12345\n123456\n')], 5)).toMatchObject({
      lines: ['12345'],
      oversized: [['123456', '123456']],
    });
  });
});
