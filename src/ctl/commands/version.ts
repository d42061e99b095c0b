import { query } from '../command.ts';
import { pairs } from '../output/table.ts';

export const command = query('version', {
  help: 'release is what clients are served by; host is the process that keeps their connections.',
  render: ({ release, host, node, wire, store }, terminal) =>
    pairs(terminal, [
      ['release', release],
      ['host', host],
      ['node', node],
      ['wire', String(wire)],
      ['store', String(store)],
    ]),
});
