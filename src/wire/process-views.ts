/** What a runner tells of its processes to whoever looks at a node. Plain values; times in ms since the epoch. */

export interface ProcessView {
  pid: string;
  name: string | null;
  kind: 'server' | 'supervisor';
  status: 'running' | 'waiting' | 'suspended' | 'moved';
  mailbox: number;
  /** Messages handled; of a supervisor, ends of children. */
  handled: number;
  /** Estimate of state and mailbox, where it was asked for and is known. */
  memoryBytes: number | null;
  /** What it is at: `call increment`, `init`; null at rest. */
  current: string | null;
  startedAt: number;
  /** Of the shape of a server's state. */
  version: number | null;
  supervisor: string | null;
}

/** A server and how long it took to answer a message to the process itself; null: it did not in time, or is suspended. */
export interface ServerView extends ProcessView {
  answerMs: number | null;
}

/** A supervisor or a child of one, in the order of the tree; `depth` 0 is a root. */
export interface SupervisorView {
  id: string;
  name: string | null;
  pid: string | null;
  depth: number;
  kind: 'supervisor' | 'worker';
  /** Of a child of a supervisor. */
  restart: 'permanent' | 'transient' | 'temporary' | null;
  status: 'running' | 'suspended' | 'restarting' | 'terminated' | 'moved';
  /** The rest of supervisors only. */
  strategy: 'one_for_one' | 'one_for_all' | 'rest_for_one' | 'simple_one_for_one' | null;
  /** Within the period that ends now. */
  restarts: number | null;
  intensity: number | null;
  periodMs: number | null;
}

export interface ApplicationView {
  name: string;
  vsn: string;
  state: 'loaded' | 'starting' | 'started' | 'suspended' | 'stopping' | 'stopped' | 'failed';
  type: 'permanent' | 'transient' | 'temporary';
  processes: number;
  tables: number;
  /** Whether it answers the MCP clients. */
  mcp: boolean;
  /** Why it is not started. */
  reason: string | null;
  since: number | null;
}

/** What an application is as its runner hands over; one that has ended is left so. */
export interface HandedApplication {
  name: string;
  state: ApplicationView['state'];
  /** Why it is failed, as a term and as a sentence. */
  reason: string | null;
  message: string | null;
}

/** Names of processes: those that take messages now, that were started anew, and that are at work and take none yet. */
export interface ResumedProcesses {
  resumed: string[];
  restarted: string[];
  busy: string[];
}
