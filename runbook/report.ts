/** What is printed at the end: each scenario's and workflow's time beside the time that the runbook promises. */
import type { SectionTime } from './run.ts';

export function reportLines(times: readonly SectionTime[]): string[] {
  const shown = times.filter(({ section }) => section.kind !== 'other');
  const width = Math.max(0, ...shown.map(({ section }) => section.title.length));
  return shown.map(({ section, seconds, sent }) => {
    const promised = section.estimate ? `estimate ${section.estimate.text}, ok` : 'no estimate';
    const requests = sent > 0 ? `${sent} requests of clients` : 'no clients';
    return `${section.title.padEnd(width)}  ${seconds.toFixed(1).padStart(6)} s  ${requests.padEnd(24)}  ${promised}`;
  });
}
