import { round } from './format.ts';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `0 B`, `28 KiB`, `1.5 GiB`; `-` for null. */
export function bytes(value: number | null): string {
  if (value === null) return '-';
  const at = value < 1 ? 0 : Math.min(Math.floor(Math.log2(value) / 10), UNITS.length - 1);
  return `${round(value / 1024 ** at, at === 0 ? 0 : 1)} ${UNITS[at]}`;
}

export const percent = (value: number | null): string => (value === null ? '-' : `${round(value, 1)} %`);
