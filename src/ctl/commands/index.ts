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
    name: 'drain',
    summary: 'hold new calls while those in flight finish',
    load: () => import('./drain.ts'),
  },
  {
    name: 'upgrades',
    summary: 'the upgrades and downgrades so far: when, by whom, how long, what became of them',
    load: () => import('./upgrades.ts'),
  },
  {
    name: 'transports',
    summary: 'how clients can reach the node, and how many do',
    load: () => import('./transports.ts'),
  },
  {
    name: 'restart',
    usage: '<name>',
    summary: 'open a transport again, or start a process or an application anew',
    load: () => import('./restart.ts'),
  },
  {
    name: 'registry',
    summary: 'named processes, transports and applications',
    load: () => import('./registry.ts'),
  },
  {
    name: 'processes',
    summary: 'all processes of host and runners, and what each is at',
    load: () => import('./processes.ts'),
  },
  {
    name: 'supervisors',
    summary: 'the supervision trees, with restarts used and allowed',
    load: () => import('./supervisors.ts'),
  },
  {
    name: 'gen_servers',
    summary: 'all servers, and whether each answers',
    load: () => import('./gen-servers.ts'),
  },
  {
    name: 'queues',
    summary: 'what waits in mailboxes, for a runner, and on the wires',
    load: () => import('./queues.ts'),
  },
  {
    name: 'applications',
    summary: 'the applications, whether they are started, and why not',
    load: () => import('./applications.ts'),
  },
  {
    name: 'resume_supervisors',
    summary: 'resume what is suspended: ends or completes an upgrade that hangs',
    load: () => import('./resume-supervisors.ts'),
  },
  {
    name: 'ets_tables',
    usage: '[name]',
    summary: 'all tables with rows, size, damage and status',
    load: () => import('./ets-tables.ts'),
  },
  {
    name: 'backup',
    summary: "copy the tables and the host's store while they are in use",
    load: () => import('./backup.ts'),
  },
  { name: 'backups', summary: 'the backups that there are', load: () => import('./backups.ts') },
  {
    name: 'restore',
    usage: '<backup>',
    summary: 'put tables of a backup in the place of those in use',
    load: () => import('./restore.ts'),
  },
  {
    name: 'settle',
    summary: 'rewrite rows of older versions as the running one',
    load: () => import('./settle.ts'),
  },
  {
    name: 'mnesia_status',
    summary: 'the stores, their disc tables and the backups',
    load: () => import('./mnesia-status.ts'),
  },
  {
    name: 'resources',
    summary: 'processor, memory, lag, disk and open files against their limits, and by process',
    load: () => import('./resources.ts'),
  },
  {
    name: 'memory',
    summary: 'memory of each process: its own, mapped, and its heap',
    load: () => import('./memory.ts'),
  },
  {
    name: 'transport_stats',
    summary: 'what each transport has carried',
    load: () => import('./transport-stats.ts'),
  },
  {
    name: 'sessions',
    summary: 'sessions of clients, the last used first',
    load: () => import('./sessions.ts'),
  },
  {
    name: 'releases',
    summary: 'installed releases: unpacked, current, old, permanent',
    load: () => import('./releases.ts'),
  },
  {
    name: 'contacts',
    summary: 'who is to be called, and how fast',
    load: () => import('./contacts.ts'),
  },
  {
    name: 'logs',
    summary: 'the last lines of a log, and those to come',
    load: () => import('./logs.ts'),
  },
  {
    name: 'completion',
    usage: '<shell>',
    summary: 'a script that has the shell complete what is typed after erlmcpctl',
    load: () => import('./completion.ts'),
  },
  {
    name: 'eval',
    usage: '<expression>',
    summary: 'run an expression inside the node, in Erlang or TypeScript',
    load: () => import('./eval.ts'),
  },
  {
    name: 'remote_console',
    summary: 'a console inside the node',
    load: () => import('./remote-console.ts'),
  },
  { name: 'stop', summary: 'stop the node', load: () => import('./stop.ts') },
];
