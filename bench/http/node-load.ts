/**
 * A closed-loop generator without wrk: `node node-load.ts <connections> <seconds> <url> -- <requests> [expected]`. Each connection
 * writes a request, reads the whole response and writes the next. Prints the same `RESULT` line as `wrk.lua`.
 */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { build } from 'hdr-histogram-js';

const [connections = '64', seconds = '5', url = '', , file = '', expected] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const requests = readFileSync(file, 'latin1').split('\0').filter(Boolean);
const latency = build({
  lowestDiscernibleValue: 1,
  highestTrackableValue: 60_000_000,
  numberOfSignificantValueDigits: 3,
});
const counts = { requests: 0, bytes: 0, failed: 0, checked: 0, wrong: 0 };
const started = performance.now();
const ends = started + Number(seconds) * 1000;
let at = 0;

/** Length of the response at the head of `text`, or undefined while it is not whole. */
function responseLength(text: string): number | undefined {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const length = /content-length: (\d+)/i.exec(text.slice(0, head))?.[1];
  if (length !== undefined)
    return text.length >= head + 4 + Number(length) ? head + 4 + Number(length) : undefined;
  const end = text.indexOf('0\r\n\r\n', head + 2);
  return end < 0 ? undefined : end + 5;
}

function settle(text: string, sentAt: number): void {
  counts.requests++;
  counts.bytes += text.length;
  latency.recordValue(Math.round((performance.now() - sentAt) * 1000));
  if (!text.startsWith('HTTP/1.1 200')) counts.failed++;
  if (expected === undefined) return;
  counts.checked++;
  if (!text.includes(expected)) counts.wrong++;
}

function drive(socket: Socket): Promise<void> {
  let received = '';
  let sentAt = 0;
  const send = (): void => {
    sentAt = performance.now();
    socket.write(requests[at++ % requests.length] ?? '', 'latin1');
  };
  socket.setNoDelay(true).setEncoding('latin1').on('connect', send);
  socket.on('data', (chunk) => {
    received += chunk;
    if (responseLength(received) === undefined) return;
    settle(received, sentAt);
    received = '';
    if (performance.now() < ends) send();
    else socket.end();
  });
  socket.setTimeout(10_000, () => socket.destroy(new Error('no response in 10 s')));
  socket.on('error', () => counts.failed++);
  return new Promise((resolve) => socket.on('close', resolve));
}

await Promise.all(Array.from({ length: Number(connections) }, () => drive(connect(Number(port), hostname))));
const ms = (percentile: number): number => latency.getValueAtPercentile(percentile) / 1000;
const result = { ...counts, seconds: (performance.now() - started) / 1000, p50Ms: ms(50), p99Ms: ms(99) };
console.log(`RESULT ${JSON.stringify(result)}`);
