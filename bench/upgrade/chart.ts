/** Latency per tenth of a second around the switch, as SVG: a panel for each thing measured, all on one logarithmic scale. */
import { AFTER_MS, BEFORE_MS, BUCKET_MS } from './window.ts';

export interface Panel {
  title: string;
  /** Of each bucket, ms; NaN where nothing was answered. */
  p50: readonly number[];
  p99: readonly number[];
}

const COLUMNS = 2;
const PANEL = { width: 460, height: 150 };
const PLOT = { left: 48, top: 24, width: 396, height: 100 };
/** Of the scale, ms. */
const LEAST = 0.5;
const MOST = 20_000;
const TICKS = [1, 10, 100, 1_000, 10_000];
const LINES = { p50: '#2563eb', p99: '#dc2626' } as const;

const x = (index: number): number =>
  PLOT.left + ((index + 0.5) * BUCKET_MS * PLOT.width) / (BEFORE_MS + AFTER_MS);

function y(ms: number): number {
  const part = Math.log(Math.min(MOST, Math.max(LEAST, ms)) / LEAST) / Math.log(MOST / LEAST);
  return PLOT.top + PLOT.height * (1 - part);
}

/** Where nothing was answered the line is broken. */
function path(values: readonly number[]): string {
  const point = (ms: number, index: number): string => {
    if (Number.isNaN(ms)) return '';
    const begins = index === 0 || Number.isNaN(values[index - 1]!);
    return `${begins ? 'M' : 'L'}${x(index).toFixed(1)} ${y(ms).toFixed(1)}`;
  };
  return values.map(point).join('');
}

const text = (left: number, top: number, content: string, anchor = 'start'): string =>
  `<text x="${left}" y="${top}" text-anchor="${anchor}">${content}</text>`;

function axes(): string {
  const right = PLOT.left + PLOT.width;
  const bottom = PLOT.top + PLOT.height;
  const rows = TICKS.map(
    (ms) =>
      `<path d="M${PLOT.left} ${y(ms)}H${right}" stroke="#e5e7eb"/>${text(PLOT.left - 4, y(ms) + 3, `${ms}`, 'end')}`,
  );
  const seconds = Array.from(
    { length: (BEFORE_MS + AFTER_MS) / 1_000 + 1 },
    (_, at) => at - BEFORE_MS / 1_000,
  );
  const columns = seconds.map((second) => {
    const at = PLOT.left + ((second * 1_000 + BEFORE_MS) * PLOT.width) / (BEFORE_MS + AFTER_MS);
    const line =
      second === 0 ? `<path d="M${at} ${PLOT.top}V${bottom}" stroke="#6b7280" stroke-dasharray="3"/>` : '';
    return `${line}${text(at, bottom + 12, `${second} s`, 'middle')}`;
  });
  return [...rows, ...columns].join('');
}

function panel({ title, p50, p99 }: Panel, index: number): string {
  const left = (index % COLUMNS) * PANEL.width;
  const top = Math.floor(index / COLUMNS) * PANEL.height;
  const lines = Object.entries({ p99, p50 }).map(
    ([name, values]) =>
      `<path d="${path(values)}" fill="none" stroke="${LINES[name as keyof typeof LINES]}" stroke-width="1.5"/>`,
  );
  return `<g transform="translate(${left} ${top})">${text(PLOT.left, 14, title)}${axes()}${lines.join('')}</g>`;
}

export function chart(panels: readonly Panel[]): string {
  const width = COLUMNS * PANEL.width;
  const height = Math.ceil(panels.length / COLUMNS) * PANEL.height + 20;
  const legend = Object.entries(LINES).map(
    ([name, colour], index) =>
      `<text x="${PLOT.left + index * 90}" y="${height - 6}" fill="${colour}">${name}, ms</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="10">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...panels.map(panel),
    ...legend,
    '</svg>\n',
  ].join('\n');
}
