/** `1: 20, 2: 4`; empty for no rows. */
export const countsOf = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([version, count]) => `${version}: ${count}`)
    .join(', ');

interface Sampled {
  readonly rows: number | null;
  readonly row_versions: Readonly<Record<string, number>> | null;
  readonly rows_looked: number | null;
}

/** `1: 20, 2: 4`, and of how many where that is not all. */
export function rowVersions({ rows, row_versions, rows_looked }: Sampled): string {
  if (row_versions === null) return '-';
  const part = rows_looked !== null && rows_looked !== rows ? ` (of ${rows_looked} looked at)` : '';
  return `${countsOf(row_versions) || '-'}${part}`;
}
