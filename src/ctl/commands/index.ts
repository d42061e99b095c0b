/** Every command with what `erlmcpctl --help` says of it. Its module is loaded only when it is called, or its help asked for. */
import type { CtlCommand } from '../command.ts';

export interface CommandEntry {
  readonly name: string;
  /** As `--help` shows them. */
  readonly usage?: string;
  readonly summary: string;
  readonly load: () => Promise<{ command: CtlCommand }>;
}

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'status',
    summary: 'what the node runs, what an upgrade does, what is left to do',
    load: () => import('./status.ts'),
  },
  {
    name: 'health',
    summary: 'named checks with their values and limits, and a score',
    load: () => import('./health.ts'),
  },
  {
    name: 'version',
    summary: 'versions of release, host, Node.js, wire and store',
    load: () => import('./version.ts'),
  },
  { name: 'uptime', summary: 'since when the node is up', load: () => import('./uptime.ts') },
  {
    name: 'metrics',
    summary: 'calls, errors and latency of each tool against the baseline',
    load: () => import('./metrics.ts'),
  },
  {
    name: 'upgrade',
    usage: '[version]',
    summary: 'upgrade the running node, or see and accept an upgrade',
    load: () => import('./upgrade.ts'),
  },
  {
    name: 'downgrade',
    usage: '<version>',
    summary: 'take the running node back to an older version',
    load: () => import('./downgrade.ts'),
  },
  {
    name: 'transports',
    summary: 'how clients can reach the node, and how many do',
    load: () => import('./transports.ts'),
  },
  {
    name: 'restart',
    usage: '<transport>',
    summary: 'open a transport again; its sessions are kept',
    load: () => import('./restart.ts'),
  },
  {
    name: 'registry',
    summary: 'named processes, transports and applications',
    load: () => import('./registry.ts'),
  },
  { name: 'stop', summary: 'stop the node', load: () => import('./stop.ts') },
];
