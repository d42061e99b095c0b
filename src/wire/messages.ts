/**
 * Everything that host and runner say to each other beside the data frames (frames.ts), in one place.
 * Each side numbers its own calls; each call is answered once, or rejected when the connection ends.
 */
import type { InspectAnswer, InspectQuery } from './inspect.ts';
import type {
  ApplicationView,
  HandedApplication,
  ProcessView,
  ResumedProcesses,
  ServerView,
  SupervisorView,
} from './process-views.ts';
import type { CopiedStates, RehearsedServer } from './rehearsal.ts';
import type { WarmUpReport } from './warm-up.ts';

/** Version of this protocol; both sides state theirs in `hello`, and a difference ends the connection. */
export const WIRE_VERSION = 3;

/**
 * What a runner is started for:
 * - `serve`: starts its applications at once and serves;
 * - `succeed`: loads its code and waits for the servers' states of the runner before it;
 * - `check`: puts rows through lenses, or reads them all, and can not write; then ends;
 * - `tend`: works on whole tables, then ends: settling, restoring;
 * - `rehearse`: as `succeed`, but with a copy of the tables, heard by nobody, and then ends.
 */
export type RunnerRole = 'serve' | 'succeed' | 'check' | 'tend' | 'rehearse';

/** What is needed to build a session's server instance anew. Messages are those of the client, as it sent them. */
export interface Replay {
  sessionId: string;
  /** The revision that the client was told; empty while `initialize` is not answered yet. */
  protocolVersion: string;
  initialize?: unknown;
  initialized?: unknown;
  /** The last `logging/setLevel`, and one `resources/subscribe` per URI. */
  requests: unknown[];
}

export interface ToolSurface {
  name: string;
  readOnly: boolean;
  idempotent: boolean;
  definition: unknown;
}

/** What a client can see of a server: compared between versions, and used to decide whether a call may run again. */
export interface Surface {
  tools: ToolSurface[];
  prompts: unknown[];
  resources: unknown[];
  resourceTemplates: unknown[];
  capabilities: unknown;
  /** Lists that the server has, but answered with an error: its message. */
  unread?: Partial<Record<'tools' | 'prompts' | 'resources' | 'resourceTemplates', string>>;
}

export interface ServerInfo {
  name: string;
  version: number;
  pid: string;
  status: string;
  mailbox: number;
}

/** Rows of a table that one commit has changed. */
export interface ChangedRows {
  table: string;
  keys: readonly unknown[];
}

export interface TableDeclaration {
  name: string;
  version: number;
  storage: 'ram' | 'disc';
}

/** A message to an OTP process that lives in another runner, or an answer to one: made and read by src/otp only. */
export type ProcessEnvelope = unknown;

export interface LensFailure {
  table: string;
  key: string;
  reason: string;
}

export interface LensLoss {
  table: string;
  field: string;
  rows: number;
  firstKey: string;
}

export interface LensReport {
  table: string;
  rows: number;
  versions: Record<string, number>;
  failures: LensFailure[];
  losses: LensLoss[];
}

/** What reading every row of a stored table has found. */
export interface RowsReport {
  table: string;
  rows: number;
  /** Rows by the version that wrote them; damaged ones are not among them. */
  versions: Record<string, number>;
  damaged: number;
  /** Of the first damaged rows. */
  keys: string[];
}

export interface SettleReport {
  table: string;
  looked: number;
  settled: number;
  /** Rows that stay as they are: damaged, or their lens fails. */
  left: number;
}

/** Rows of a backup, copied beside the table that they are to replace. */
export interface CopiedTable {
  table: string;
  rows: number;
  place: string;
}

/** How far a call has come that goes through whole tables. */
export interface TableProgress {
  table: string;
  rows: number;
  total: number;
}

/** A table as another release declares it: its version, and its row schema as JSON Schema where it has one that can be said so. */
export interface TableTarget {
  version: number;
  shape: Record<string, unknown> | null;
}

/** One declared table, seen from the runner. */
export interface TableView {
  /** `erlmcp`: the runtime's own. */
  application: string;
  name: string;
  version: number;
  storage: 'ram' | 'disc';
  /** Whether it can be used: its handle is bound to the store. */
  attached: boolean;
  /** Rows that failed their checksum as this process read them. */
  damaged: number;
  /** Whether its first and its last row could be read just now. */
  readable: boolean;
}

/** Of V8, in bytes. */
export interface HeapView {
  heapUsed: number;
  heapTotal: number;
  heapLimit: number;
  /** Buffers and the like, outside of the heap. */
  external: number;
}

/** Calls of the host, answered by a runner: name -> [parameters, result]. */
export interface RunnerCalls {
  /** Starts the applications' processes: fresh, or (with `adopt`) from the states of the runner before it, suspended until `resume`. */
  start: [
    { adopt?: unknown[] | undefined; applications?: HandedApplication[] | undefined },
    { servers: ServerInfo[] },
  ];
  surface: [Record<string, never>, Surface];
  /** Answers probe traffic on inner channels so that the code is compiled before the first client comes. */
  warm: [{ rounds: number }, WarmUpReport];
  /** Loads a newer lens chain (the path of an `appup.mjs`), so that rows of that release can be read. */
  useAppup: [{ path: string }, { tables: string[] }];
  trackWrites: [{ on: boolean }, Record<string, never>];
  /** From now on each write is checked through the chain in its own transaction; strict: a write that fails is refused. */
  guardWrites: [
    { mode: 'off' | 'record' | 'strict'; targets?: Record<string, TableTarget> },
    { failures: LensFailure[] },
  ];
  /** The check runner's work: every row of the tables through its lens and back. */
  verifyLenses: [{ targets: Record<string, number> }, { reports: LensReport[] }];
  /** Works off the keys that were written while the scan ran. */
  verifyTracked: [{ targets: Record<string, number> }, { rows: number; failures: LensFailure[] }];
  /** Builds the indexes that this release declares and that are new, while others write. */
  buildIndexes: [Record<string, never>, Record<string, never>];
  /** Drops the indexes of all other versions: nobody goes back to them. By table, the versions that stay. */
  dropIndexes: [{ keep: Record<string, number[]> }, Record<string, never>];
  /** While set, writes also prove that the version to return to can read them. */
  keepWayBack: [{ targets: Record<string, TableTarget> | null }, { failures: LensFailure[] }];
  /** Reads every row of these tables, or of all that are stored. */
  verifyRows: [{ tables?: string[] | undefined }, { reports: RowsReport[] }];
  /** The sum of a backup's copy of the tables, and every row of these, or of all. The result: rows of each that it has. */
  verifyBackup: [{ dir: string; tables?: string[] | undefined }, { rows: Record<string, number> }];
  /** Rewrites rows of older versions as the current one, at leisure. */
  settle: [Record<string, never>, { reports: SettleReport[] }];
  /** Copies tables of a backup beside those in use. */
  copyFromBackup: [{ dir: string; tables: string[] }, { copied: CopiedTable[] }];
  /** This process can go over to rows that are about to take a table's place. */
  preparePlaces: [{ places: string[] }, Record<string, never>];
  /** Puts what was copied into its place, for all processes at once. The result: places not in use any more, by table. */
  changeOver: [Record<string, never>, { replaced: Record<string, string> }];
  dropPlaces: [{ places: string[] }, Record<string, never>];
  suspend: [{ deadlineMs: number }, { suspended: string[] }];
  /** Undoes `suspend`, or lets adopted servers run. */
  resume: [Record<string, never>, ResumedProcesses];
  snapshot: [Record<string, never>, { servers: unknown[]; applications: HandedApplication[] }];
  /** As `snapshot`, of servers that go on. */
  copyStates: [{ timeoutMs: number }, CopiedStates];
  /** Of servers that are held. `had`: those that were started with a state. */
  checkStates: [{ had: string[] }, { servers: RehearsedServer[] }];
  /** These servers live elsewhere now: messages to them go out through the host. */
  markMoved: [{ names: string[] }, Record<string, never>];
  /** Refills the shells that `markMoved` left, for the way back. */
  takeBack: [{ adopt: unknown[]; applications: HandedApplication[] }, { servers: ServerInfo[] }];
  /** Lets the writes rest while another process opens the tables, or go on. */
  holdWrites: [{ on: boolean }, Record<string, never>];
  /** Waits until no transaction is open, so that the process can be stopped without holding a lock. */
  park: [Record<string, never>, Record<string, never>];
  /** A system message to each server, answered from its own mailbox: proves that it takes messages. */
  pingServers: [{ timeoutMs: number }, { servers: string[] }];
  /** Writes a probe row, reads it, deletes it, in each declared table's environment. */
  /** `flushMs`: what the probe's write took until it was on disk. */
  probeTables: [Record<string, never>, { tables: string[]; flushMs: number }];
  /** Removes the states of sessions that have ended. */
  forgetSessions: [{ ids: readonly string[] }, { rows: number }];
  /** The tables as this release declares them, and what its process has come upon in them. */
  tableViews: [Record<string, never>, { tables: TableView[] }];
  /** What this process has of memory. */
  memory: [Record<string, never>, HeapView];
  /** Answered when each session whose channel was opened before has its instance. */
  hydrated: [Record<string, never>, Record<string, never>];
  /** Tells the clients of the open channels that lists have changed. */
  listChanged: [{ tools: boolean; prompts: boolean; resources: boolean }, { channels: number }];
  /** `backlog`: bytes of this runner's that the host has not taken. */
  processes: [{ memory: boolean }, { processes: ProcessView[]; backlog: number }];
  supervisors: [Record<string, never>, { supervisors: SupervisorView[] }];
  genServers: [{ timeoutMs: number }, { servers: ServerView[] }];
  applications: [Record<string, never>, { applications: ApplicationView[] }];
  /** Ends a process by its name or pid and starts it anew, through its supervisor. */
  restartProcess: [{ name: string }, { pid: string }];
  /** `pid`: that of the new top supervisor. */
  restartApplication: [{ name: string }, { pid: string }];
  /** Resumes whatever is suspended; with `restartHung` a server still in its `resumed` hook after `graceMs` is started anew. */
  resumeAll: [{ graceMs: number; restartHung: boolean }, ResumedProcesses];
  /** Reads rows of a table, or asks a server for its state: for the console. */
  inspect: [InspectQuery, InspectAnswer];
  stop: [{ graceMs: number }, Record<string, never>];
}

export type RunnerCallName = keyof RunnerCalls;

export interface CallFailure {
  /** The reason as the runbook prints it, where there is one. */
  reason: string;
  message: string;
}

export type Answer =
  | { type: 'answer'; id: number; ok: true; result: unknown }
  | { type: 'answer'; id: number; ok: false; failure: CallFailure };

export type HostMessage =
  | { type: 'hello'; wire: number; store: number; runner: string; role: RunnerRole }
  /** Opens a channel: the shared one of revision 2026-07-28, or that of one session, rebuilt from its replay. */
  | { type: 'open'; channel: number; era: '2026' }
  | { type: 'open'; channel: number; era: '2025'; replay: Replay }
  | { type: 'close'; channel: number }
  /** Nobody writes to the tables now: they may be opened. */
  | { type: 'open_store' }
  /** Rows that another runner has changed, of tables to which this one subscribes; and the tables to which others do. */
  | { type: 'changes'; changes: readonly ChangedRows[] }
  | { type: 'subscribed'; tables: readonly string[] }
  | { type: 'call'; id: number; name: RunnerCallName; params: unknown }
  /** A message to a process of this runner from a process or a call of another one, and an answer that came back so. */
  | { type: 'forward'; name: string; envelope: ProcessEnvelope }
  | { type: 'settle'; from: unknown; outcome: unknown }
  /** A runner has ended, or none is active: calls to processes elsewhere are not answered any more. */
  | { type: 'lost'; reason: string }
  | Answer
  | { type: 'ping'; at: number };

export type RunnerMessage =
  | { type: 'hello'; wire: number; store: number; release: string; vsn: string; pid: number }
  /** The tables are to be opened, for which all others have to let their writes rest; and they are open. */
  | { type: 'opening' }
  | { type: 'opened' }
  /** The code is loaded; `start` may come. */
  | {
      type: 'loaded';
      tables: TableDeclaration[];
      servers: { name: string; version: number }[];
      applications: string[];
    }
  | { type: 'failed'; failure: CallFailure }
  /** A session could not be rebuilt as its client knows it: it ends. */
  | { type: 'unhydrated'; channel: number; reason: string }
  | { type: 'changes'; changes: readonly ChangedRows[] }
  | { type: 'subscribed'; tables: readonly string[] }
  | { type: 'names'; registered: { name: string; pid: string }[]; unregistered: string[] }
  | { type: 'log'; level: 'info' | 'warn' | 'error'; message: string; fields?: Record<string, unknown> }
  | { type: 'progress'; progress: TableProgress }
  /** To the runner in which the named process lives now, and to the one (`origin`) whose process or call asked. */
  | { type: 'forward'; name: string; envelope: ProcessEnvelope }
  | { type: 'settle'; origin: string; from: unknown; outcome: unknown }
  | Answer
  | { type: 'pong'; at: number };
