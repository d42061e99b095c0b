import { describe, expect, test } from 'vitest';
import {
  binomialTail,
  leastPValue,
  median,
  rankTest,
  shareTest,
} from '../../src/observability/metrics/statistics.ts';

const range = (length: number, from = 0): number[] => Array.from({ length }, (_, index) => index + from);

describe('Mann-Whitney, against known answers (scipy.stats.mannwhitneyu, alternative "greater")', () => {
  test.each<[string, number[], number[], number]>([
    ['apart: 1 of 20 arrangements', [1, 2, 3], [4, 5, 6], 1 / 20],
    ['the example of its documentation', [20, 11, 17, 12], [19, 22, 16, 29, 24], 7 / 126],
    ['the other way round', [4, 5, 6], [1, 2, 3], 1],
    ['no spread', [5, 5, 5, 5], [5, 5, 5, 5], 1],
    // Counted by hand: of 6 choices of two of {1, 2.5, 2.5, 4}, the sums 6.5 and 6.5 are at least 6.5.
    ['with ties', [1, 2], [2, 3], 2 / 6],
  ])('exact: %s', (_, before, after, p) => {
    expect(rankTest(before, after)).toBeCloseTo(p, 10);
  });

  test.each<[string, number[], number[], number]>([
    ['30 and 30, moved by 8.5', range(30), range(30, 8.5), 0.0006180922816],
    ['the other way round', range(30, 8.5), range(30), 0.9994131208],
    ['with ties', [...range(15), ...range(15)], [...range(15, 3), ...range(15, 3)], 0.008381267775],
  ])('approximately: %s', (_, before, after, p) => {
    expect(rankTest(before, after)).toBeCloseTo(p, 6);
  });

  test('exact and approximate answers agree where they meet', () => {
    const exact = rankTest(range(10), range(10, 3.5));
    const approximate = rankTest(range(11), range(11, 3.5));
    expect(Math.abs(exact - approximate)).toBeLessThan(0.03);
  });

  test('nothing measured is no evidence', () => {
    expect(rankTest([], [1])).toBe(1);
    expect(rankTest([1], [])).toBe(1);
  });

  test('the least p-value that so many values can give', () => {
    expect(leastPValue(3, 3)).toBeCloseTo(1 / 20, 12);
    expect(leastPValue(6, 6)).toBeCloseTo(1 / 924, 12);
    expect(rankTest(range(6), range(6, 10))).toBeCloseTo(leastPValue(6, 6), 12);
  });
});

describe('shares', () => {
  test.each([
    [8, 10, 0.5, 56 / 1024],
    [5, 1_000, 0.001, 0.003636878],
    [0, 10, 0.3, 1],
    [10, 10, 0.5, 1 / 1024],
  ])('P(X >= %i) of %i at %f (scipy.stats.binom.sf)', (k, n, p, tail) => {
    expect(binomialTail(k, n, p)).toBeCloseTo(tail, 9);
  });

  test('very small and very large tails', () => {
    expect(binomialTail(900, 1_000, 0.5) / 6.701717790006182e-162).toBeCloseTo(1, 6);
    expect(binomialTail(50_000, 100_000, 0.5)).toBeCloseTo(0.501261563, 4);
  });

  test('failures out of nothing are significant once there are enough', () => {
    const before = { count: 0, of: 1_000 };
    expect(shareTest(before, { count: 5, of: 1_000 }, 1)).toBeCloseTo(1 / 32, 10);
    expect(shareTest(before, { count: 5, of: 1_000 }, 1.5)).toBeCloseTo(0.6 ** 5, 10);
    expect(shareTest(before, { count: 30, of: 30 })).toBeLessThan(1e-40);
  });

  test('the same share is not', () => {
    expect(shareTest({ count: 10, of: 1_000 }, { count: 10, of: 1_000 })).toBeGreaterThan(0.4);
    expect(shareTest({ count: 0, of: 0 }, { count: 1, of: 1 })).toBe(1);
    expect(shareTest({ count: 0, of: 10 }, { count: 0, of: 10 })).toBe(1);
  });
});

test('median', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBe(0);
});
