import { expect, test } from 'vitest';
import { change, duration, printable, round } from '../../src/ctl/output/format.ts';

test.each([
  [0.25, '0.3 ms'],
  [120, '120 ms'],
  [4200, '4.2 s'],
  [185_000, '3 min 05 s'],
  [7_380_000, '2 h 03 min'],
  [439_200_000, '5 d 02 h'],
])('%d ms reads %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('changes carry their sign', () => {
  expect([12.34, -5, 0, null].map(change)).toEqual(['+12.3 %', '-5 %', '0 %', '-']);
  expect(round(1.005, 1)).toBe(1);
});

test('control characters are made visible', () => {
  expect(printable('a\u001b[2Jb\u009bc\nd')).toBe('a\ufffd[2Jb\ufffdc\ufffdd');
});
