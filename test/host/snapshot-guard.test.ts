import { expect, it } from 'vitest';
import { SnapshotGuard } from '../../src/host/snapshot-guard.ts';

const reader = (pid: number, transaction?: number) => ({ pid, transaction });

it('names who holds one snapshot for longer than the limit, and nobody else', () => {
  const guard = new SnapshotGuard(1_000);
  expect(guard.late([reader(1, 7), reader(2, 7), reader(3)], 0)).toEqual([]);
  expect(guard.late([reader(1, 7), reader(2, 9), reader(3)], 900)).toEqual([]);
  expect(guard.late([reader(1, 7), reader(2, 9), reader(3)], 1_001)).toEqual([1]);
  expect(guard.late([reader(1), reader(2, 9)], 2_000)).toEqual([2]);
});

it('begins anew with a snapshot that was let go in between', () => {
  const guard = new SnapshotGuard(1_000);
  guard.late([reader(1, 7)], 0);
  guard.late([reader(1)], 500);
  expect(guard.late([reader(1, 7)], 1_200)).toEqual([]);
});
