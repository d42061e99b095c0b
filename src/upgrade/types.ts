/** What an upgrade works on, and what it tells. */
import type {
  OperationKind,
  OperationResult,
  UpgradeEvent,
  UpgradePhase,
  VerdictRow,
} from '../control/index.ts';
import type {
  Fleet,
  HostStore,
  JournalEntry,
  Log,
  PlanParts,
  Router,
  RunnerProcess,
  Sessions,
} from '../host/index.ts';
import type { InstalledRelease, Manifest, ManifestTable, ReleaseStore } from '../release/index.ts';
import type { ResumedProcesses, RunnerCalls } from '../wire/index.ts';
import type { Resumption } from './resumption.ts';

export interface UpgradeTimes {
  /** The whole of an operation, unless it says otherwise. */
  upgradeMs: number;
  /** For the servers to come to rest. */
  suspendMs: number;
  /** For a runner's code to load. */
  startMs: number;
  /** For calls that were in flight at the flip, unless an operation has its own. */
  lingerMs: number;
  watchMs: number;
}

/** A named check of pre-flight or of the smoke test; throws what is wrong. The value is shown. */
export interface Probe {
  name: string;
  limit?: string;
  run(): Promise<string | number | undefined | Judged>;
}

/** What is neither right nor wrong, and why. */
export interface Judged {
  status: 'passed' | 'warning' | 'skipped';
  value: string | number | null;
  message?: string;
}

/** All tables in a folder of their own. */
export interface TablesCopy {
  dir: string;
  bytes: number;
  remove(): Promise<void>;
}

export interface UpgradeDeps {
  fleet: Fleet;
  router: Router;
  sessions: Sessions;
  store: HostStore;
  releases: ReleaseStore;
  times: UpgradeTimes;
  /** The coordinator's own log: upgrade.log and erlmcp.log. */
  log: Log;
  /** Disk, memory, node health, own listeners: everything that is no matter of the release. */
  preFlight: Probe[];
  /** A real request over every transport, and the health of the node. */
  postFlight: Probe[];
  /** Freezes the measurements to compare with. */
  freezeBaseline(version: string): void;
  /** Another version serves from now on: what was measured before is not its. */
  beginVersion(version: string): void;
  /** The row of the runbook's matrix that the measurements since then fall into, and why. */
  verdict(): { row: VerdictRow; reason: string };
  /** Before an operation begins. Throws when something is under way that it must not meet. */
  beforeOperation(): void;
  /** When an operation or a watch is over. */
  atRest(): void;
  /** As `TableStore` has it. */
  forgetIfOther(table: ManifestTable): Promise<boolean>;
  /** For the rehearsal of a dry run. Throws `{disk_full, rehearsal}`. */
  copyTables(target: Manifest): Promise<TablesCopy>;
  /** What of a plan is no matter of a release. */
  planFacts(): Pick<PlanParts, 'node' | 'config'>;
  /** Makes a verified copy of the stores; returns its folder. */
  backup(label: string): Promise<string>;
  events: {
    begin(operation: string): void;
    tell(event: UpgradeEvent): void;
    end(result: OperationResult): void;
  };
  /** Folders of the backups, the newest first. */
  backups(): string[];
  contacts: { role: string; contact: string }[];
}

export interface UpgradeRequest {
  operation: string;
  kind: OperationKind;
  version: string;
  force: boolean;
  timeoutMs: number;
  /** An upgrade goes on although clients of today would lose something. Default: it does not. */
  allowBreaking?: boolean | undefined;
  /** For so long new calls are held before the switch, while those in flight finish; undefined: they are not. */
  drainMs?: number | undefined;
  /** For so long calls that are in flight at the flip may go on. Default: `times.lingerMs`. */
  lingerMs?: number | undefined;
  /** Of a dry run: the one that it has made, or that an upgrade is held to. */
  plan?: string | undefined;
  /** Who asked for it, and what for, for the journal. */
  by?: string | undefined;
  why?: string | undefined;
}

export interface Finding {
  name: string;
  status: 'passed' | 'warning' | 'failed' | 'skipped';
  value: string | number | null;
  limit: string | number | null;
  message?: string;
}

/** What the servers and applications of a runner are. */
export type HandedOver = RunnerCalls['snapshot'][1];

/** One operation while it runs. */
export interface Run extends UpgradeRequest {
  direction: 'up' | 'down';
  from: string;
  startedAt: number;
  /** By `performance.now()`: a clock that is set must not end it. */
  deadline: number;
  signal: AbortSignal;
  findings: Finding[];
  /** How far the check of the rows is, while it is at it. */
  progress: string | undefined;
  phases: { phase: UpgradePhase; ms: number }[];
  journal: JournalEntry;
  old: RunnerProcess;
  /** The old runner's release and the target's, once pre-flight has found them. */
  running: InstalledRelease | undefined;
  target: InstalledRelease | undefined;
  next: RunnerProcess | undefined;
  /** The target's runner, if it is kept warm for the way back. */
  warm: RunnerProcess | undefined;
  /** The states of the servers as the old runner gave them up. */
  snapshot: HandedOver | undefined;
  /** Whether the active release is the target: the point after which the way back is a hand-over. */
  committed: boolean;
  /** The transaction of the commit point, once it is under way: it is not known before it has ended how it ended. */
  commit: Promise<void> | undefined;
  /** The resume of the target's servers. */
  resumption: Resumption;
  /** The old runner's servers that went on when the operation was given up. */
  wentOn: ResumedProcesses | undefined;
}
