import { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { escapeText } from './line.ts';

/**
 * Takes the raw output of a process and hands on whole lines, each with time and source in front. It never pushes back:
 * a runner whose output waited for a disk would miss its heartbeat.
 */

/** A line without an end is cut here, so that a process can't fill the memory with one. */
const MAX_LINE = 16_384;

export function consoleSink(source: string, append: (line: string) => void): Writable {
  const decoder = new StringDecoder('utf8');
  const name = escapeText(source);
  let rest = '';

  const emit = (line: string): void => {
    append(
      `${new Date().toISOString()} [${name}] ${escapeText(line.endsWith('\r') ? line.slice(0, -1) : line)}\n`,
    );
  };
  const take = (text: string): void => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) emit(line);
    for (; rest.length > MAX_LINE; rest = rest.slice(MAX_LINE)) emit(rest.slice(0, MAX_LINE));
  };

  return new Writable({
    decodeStrings: true,
    write(chunk: Buffer, _encoding, done) {
      take(decoder.write(chunk));
      done();
    },
    final(done) {
      take(decoder.end());
      if (rest !== '') emit(rest);
      done();
    },
  });
}
