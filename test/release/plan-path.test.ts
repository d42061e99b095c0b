import { describe, expect, test } from 'vitest';
import { checkRunsHere, planPath, WIRE_VERSION } from '../../src/release/index.ts';
import { manifestOf, reasonOf } from './fixtures.ts';

const old = manifestOf('2.1.0', [1], [1]);
const next = manifestOf('3.0.0', [1, 2], [1, 2]);

describe('a path', () => {
  test('up leads over the chains of the target', () => {
    expect(planPath(old, next)).toEqual({
      direction: 'up',
      from: '2.1.0',
      to: '3.0.0',
      tables: [{ name: 'notes', from: 1, to: 2, chainOf: '3.0.0' }],
      servers: [{ name: 'counter', from: 1, to: 2 }],
    });
  });

  test('down leads over the chains of the running release', () => {
    expect(planPath(next, old, { notes: [1, 2] })).toEqual({
      direction: 'down',
      from: '3.0.0',
      to: '2.1.0',
      tables: [{ name: 'notes', from: 2, to: 1, chainOf: '3.0.0' }],
      servers: [{ name: 'counter', from: 2, to: 1 }],
    });
  });

  test('goes up again over rows that an earlier stay left', () => {
    expect(planPath(old, next, { notes: [1, 2] }).tables).toEqual([
      { name: 'notes', from: 1, to: 2, chainOf: '3.0.0' },
    ]);
  });

  test('over rows newer than both releases uses the installed release that wrote them', async () => {
    const newest = manifestOf('4.0.0', [1, 2, 3], [1, 2]);
    const rows = { notes: [1, 3] };
    expect(await reasonOf(() => planPath(next, old, rows))).toBe('{no_upgrade_path, "3.0.0", "2.1.0"}');
    expect(planPath(next, old, rows, [old, next, newest]).tables[0]?.chainOf).toBe('4.0.0');
    expect(planPath(old, next, rows, [old, next, newest]).tables[0]?.chainOf).toBe('4.0.0');
  });

  test('carries tables and servers that only one of the two has', () => {
    const bare = { ...old, tables: [], servers: [] };
    expect(planPath(bare, next)).toMatchObject({
      tables: [{ name: 'notes', from: null, to: 2, chainOf: '3.0.0' }],
      servers: [{ name: 'counter', from: null, to: 2 }],
    });
    expect(planPath(bare, { ...bare, vsn: '2.1.1' })).toMatchObject({ tables: [], servers: [] });
    expect(planPath(old, { ...bare, vsn: '3.0.0' })).toMatchObject({
      tables: [{ name: 'notes', from: 1, to: null, chainOf: '2.1.0' }],
      servers: [{ name: 'counter', from: 1, to: null }],
    });
  });
});

describe('there is no path', () => {
  test.each([
    ['from a table version that the chain lacks', manifestOf('2.1.0', [1]), manifestOf('3.0.0', [2, 3], [1])],
    [
      'from a server version that the chain lacks',
      manifestOf('2.1.0', [1], [1]),
      manifestOf('3.0.0', [1], [2]),
    ],
  ])('up %s', async (_name, from, to) => {
    expect(await reasonOf(() => planPath(from, to))).toBe('{no_upgrade_path, "2.1.0", "3.0.0"}');
  });

  test('in the runbook’s words, from a version before the chain', async () => {
    const ancient = manifestOf('2.0.0', [1]);
    expect(await reasonOf(() => planPath(ancient, manifestOf('3.0.0', [2, 3])))).toBe(
      '{no_upgrade_path, "2.0.0", "3.0.0"}',
    );
  });

  test('over rows of a version that nobody can read', async () => {
    expect(await reasonOf(() => planPath(old, next, { notes: [7] }))).toBe(
      '{no_upgrade_path, "2.1.0", "3.0.0"}',
    );
  });

  test('down past the start of the running release’s chain', async () => {
    expect(await reasonOf(() => planPath(manifestOf('3.0.0', [2, 3]), manifestOf('2.1.0', [1])))).toBe(
      '{no_upgrade_path, "3.0.0", "2.1.0"}',
    );
  });

  test('to another release', async () => {
    expect(await reasonOf(() => planPath(old, { ...next, name: 'other' }))).toBe(
      '{different_release, "erlmcp", "other"}',
    );
  });
});

describe('a table version means one thing', () => {
  const fixed = manifestOf('3.0.1', [1, 2], [1, 2], { lenses: { 2: 'another lens' } });
  const reshaped = manifestOf('3.0.1', [1, 2], [1, 2], { shape: 'another shape' });

  test.each([
    ['lens', fixed],
    ['schema', reshaped],
  ])('a changed %s is refused while rows of it exist', async (_name, changed) => {
    expect(await reasonOf(() => planPath(next, changed))).toBe('{table_shape_changed, notes, 2}');
    expect(await reasonOf(() => planPath(next, changed, { notes: [1, 2] }))).toBe(
      '{table_shape_changed, notes, 2}',
    );
    expect(planPath(next, changed, { notes: [1] }).direction).toBe('up');
    expect(planPath(next, changed, { notes: [] }).direction).toBe('up');
  });

  test('also where the third release that must read the rows disagrees', async () => {
    const newest = manifestOf('4.0.0', [1, 2, 3], [1, 2], { lenses: { 2: 'another lens' } });
    expect(await reasonOf(() => planPath(old, next, { notes: [2, 3] }, [newest]))).toBe(
      '{table_shape_changed, notes, 2}',
    );
  });

  test('its key can not change', async () => {
    const rekeyed = manifestOf('3.0.0', [1, 2], [1, 2], { key: 'uuid' });
    expect(await reasonOf(() => planPath(old, rekeyed))).toBe('{table_redefined, notes, key, "id", "uuid"}');
  });
});

describe('a release runs here', () => {
  test('only on a Node of its range', async () => {
    checkRunsHere(next, '24.1.0');
    expect(await reasonOf(() => checkRunsHere(next, '20.0.0'))).toBe(
      '{node_version_unsupported, "20.0.0", ">=22.19"}',
    );
  });

  test('only with the host that it was built for', async () => {
    expect(await reasonOf(() => checkRunsHere({ ...next, wireVersion: 9 }))).toBe(
      `{host_version_mismatch, "3.0.0", #{wire => [9, ${WIRE_VERSION}], store => [1, 1]}}`,
    );
  });
});
