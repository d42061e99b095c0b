import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameError, FrameKind, FrameReader, FrameWriter, HEADER_BYTES } from '../../src/wire/index.ts';

interface Seen {
  kind: number;
  flags: number;
  status: number;
  channel: number;
  request: number;
  payload: string;
}

function reader(maxBytes?: number): { seen: Seen[]; reader: FrameReader } {
  const seen: Seen[] = [];
  const handler = {
    frame: (
      kind: FrameKind,
      flags: number,
      status: number,
      channel: number,
      request: number,
      payload: Buffer,
    ) => {
      seen.push({ kind, flags, status, channel, request, payload: payload.toString() });
    },
  };
  return { seen, reader: new FrameReader(handler, maxBytes) };
}

/** What a writer puts on the wire for these frames. */
async function written(frames: Seen[], asString: boolean): Promise<Buffer> {
  const stream = new PassThrough();
  const writer = new FrameWriter(stream);
  for (const { kind, flags, status, channel, request, payload } of frames)
    writer.write(
      kind as FrameKind,
      flags,
      status,
      channel,
      request,
      asString ? payload : Buffer.from(payload),
    );
  writer.flush();
  stream.end();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const frame = fc.record({
  kind: fc.constantFrom(FrameKind.deliver, FrameKind.response, FrameKind.emit, FrameKind.control),
  flags: fc.integer({ min: 0, max: 255 }),
  status: fc.integer({ min: 0, max: 65_535 }),
  channel: u32,
  request: u32,
  payload: fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string().map((text) => text.repeat(2_000)),
  ),
});

describe('frames', () => {
  it('come out as they went in, however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(frame, { maxLength: 12 }),
        fc.integer({ min: 1, max: 70_000 }),
        fc.boolean(),
        async (frames, cut, asString) => {
          const bytes = await written(frames, asString);
          const { seen, reader: cutter } = reader();
          for (let at = 0; at < bytes.length; at += cut) cutter.push(bytes.subarray(at, at + cut));
          expect(seen).toEqual(frames.map((f) => ({ ...f, payload: Buffer.from(f.payload).toString() })));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('come out when the stream is cut after every byte', async () => {
    const frames = [1, 2, 3].map((n) => ({
      kind: 1,
      flags: n,
      status: n,
      channel: n,
      request: n,
      payload: 'x'.repeat(n * 7),
    }));
    const bytes = await written(frames, false);
    const { seen, reader: cutter } = reader();
    for (const byte of bytes) cutter.push(Buffer.from([byte]));
    expect(seen).toEqual(frames);
  });

  it('that are longer than the limit are refused before they are read', () => {
    const { reader: cutter } = reader(1_000);
    const head = Buffer.alloc(HEADER_BYTES);
    head.writeUInt32LE(1_001);
    expect(() => cutter.push(head.subarray(0, 4))).toThrow(FrameError);
  });

  it('of an unknown kind are refused', () => {
    const { reader: cutter } = reader();
    const head = Buffer.alloc(HEADER_BYTES);
    head.writeUInt32LE(HEADER_BYTES - 4);
    head[4] = 99;
    expect(() => cutter.push(head)).toThrow(/unknown kind 99/);
  });

  it('are refused when the stream is no stream of frames', () => {
    const { reader: cutter } = reader();
    expect(() => cutter.push(Buffer.from('GET /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n'))).toThrow(
      FrameError,
    );
  });

  it('of one turn go out in one write', async () => {
    const stream = new PassThrough();
    const sizes: number[] = [];
    stream.on('data', (chunk: Buffer) => sizes.push(chunk.length));
    const writer = new FrameWriter(stream);
    for (let n = 0; n < 10; n++) writer.write(FrameKind.deliver, 0, 0, 1, n, 'payload');
    expect(sizes).toEqual([]);
    expect(writer.backlog).toBe(10 * (HEADER_BYTES + 7));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(sizes).toEqual([10 * (HEADER_BYTES + 7)]);
  });
});
