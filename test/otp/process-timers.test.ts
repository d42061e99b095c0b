import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ProcessTimers } from '../../src/otp/process-timers.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a timer fires once, an interval at its pace, and neither after it was cancelled or cleared', () => {
  const fired: unknown[] = [];
  const timers = new ProcessTimers(false, (message) => fired.push(message));
  timers.add({ ref: 'a', remainingMs: 10, message: 'once' });
  timers.add({ ref: 'b', remainingMs: 20, intervalMs: 20, message: 'beat' });
  vi.advanceTimersByTime(65);
  expect(fired).toEqual(['once', 'beat', 'beat', 'beat']);
  expect([timers.cancel('a'), timers.cancel('b')]).toEqual([false, true]);
  timers.add({ ref: 'c', remainingMs: 10, message: 'never' });
  timers.clear();
  vi.advanceTimersByTime(100);
  expect(fired).toHaveLength(4);
});

test('paused, nothing fires; resumed, what fell due fires once and an interval goes on at its pace', () => {
  const fired: unknown[] = [];
  const timers = new ProcessTimers(false, (message) => fired.push(message));
  timers.add({ ref: 'a', remainingMs: 30, message: 'due' });
  timers.add({ ref: 'b', remainingMs: 20, intervalMs: 20, message: 'beat' });
  timers.add({ ref: 'c', remainingMs: 500, message: 'far' });
  timers.pause();
  vi.advanceTimersByTime(90);
  expect(fired).toEqual([]);
  expect(timers.snapshot().map(({ remainingMs }) => remainingMs)).toEqual([0, 0, 410]);
  timers.resume();
  vi.advanceTimersByTime(19);
  expect(fired.toSorted()).toEqual(['beat', 'due']);
  vi.advanceTimersByTime(20);
  expect(fired.filter((message) => message === 'beat')).toHaveLength(2);
  vi.advanceTimersByTime(400);
  expect(fired).toContain('far');
});

test('a delay beyond what a Node timer can hold is kept', () => {
  const fired: unknown[] = [];
  const timers = new ProcessTimers(false, (message) => fired.push(message));
  const month = 30 * 24 * 3600 * 1000;
  timers.add({ ref: 'a', remainingMs: month, message: 'month' });
  vi.advanceTimersByTime(month - 1000);
  expect(fired).toEqual([]);
  vi.advanceTimersByTime(1001);
  expect(fired).toEqual(['month']);
});
