import { expect, test } from 'vitest';
import { levelOf, parseLine } from '../../src/ctl/logs/parse-line.ts';
import { formatLine, type LogFields } from '../../src/observability/logs/index.ts';

const TIME = Date.UTC(2026, 2, 1, 10, 0, 0, 123);
const line = (message: string, fields: LogFields = {}): string =>
  formatLine({ time: TIME, level: 'warn', message, component: 'upgrade', fields }).trimEnd();

test.each<[string, string, LogFields]>([
  ['no field', 'Verification passed', {}],
  ['numbers and words', 'Node serves', { pid: 4711, release: '3.0.0', ready: true, none: null }],
  ['texts with spaces, quotes, equal signs', 'Refused', { why: 'a "b" c=d', empty: '' }],
  ['lists and maps', 'Pending', { names: ['a b', 'c'], by: { where: 'host, {x}', n: 1 } }],
  ['a text with a line break', 'Failed', { stack: 'Error: x\n    at y' }],
  ['a message with brackets and signs', 'Reason: {transformation_failed, "a = b"} [x]', { phase: 'p' }],
  ['a message that looks like a field in its middle', 'Set a=1 for all', { b: 2 }],
])('a line of the node, taken apart: %s', (_, message, fields) => {
  expect(parseLine(line(message, fields))).toEqual({
    time: '2026-03-01T10:00:00.123Z',
    level: 'warn',
    component: 'upgrade',
    message,
    fields,
  });
});

test('a line of the console has a source in place of a level', () => {
  expect(parseLine('2026-03-01T10:00:00.123Z [runner 4711] hello a=1')).toEqual({
    time: '2026-03-01T10:00:00.123Z',
    source: 'runner 4711',
    message: 'hello a=1',
  });
});

test.each(['', 'Segmentation fault', '2026 [INFO] no time', '{"json": true}'])(
  'any other line: %j',
  (text) => {
    expect(parseLine(text)).toEqual({ message: text });
    expect(levelOf(text)).toBeUndefined();
  },
);

test('keys that are names of Object are keys', () => {
  expect(parseLine(line('x', JSON.parse('{"__proto__": 1, "constructor": 2}')))).toMatchObject({
    fields: { constructor: 2 },
  });
});

test('a hostile line takes no time worth the name', () => {
  for (const text of [' a={'.repeat(4000), ' a="'.repeat(4000), ' a=b'.repeat(4000), '='.repeat(16_000)]) {
    const parsed = parseLine(`2026-03-01T10:00:00.123Z [INFO] x${text} ! component=a`);
    expect(parsed).toMatchObject({ level: 'info', component: 'a' });
  }
});
