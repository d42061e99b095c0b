/**
 * The running parts of a node. What a process of the tree owns is put here when that process starts, and is replaced when
 * it is started anew; whoever uses a part reads it from here at that moment, so that nobody holds one that has ended.
 */
import type { OperationFeed } from '../admin/operation-feed.ts';
import type { Config } from '../host/config/index.ts';
import type { Log } from '../host/index.ts';
import type { Logs } from '../observability/logs/index.ts';
import type { ReleaseStore } from '../release/index.ts';
import type { HomePaths } from './home.ts';
import type { OwnedParts } from './owned-parts.ts';
import type { Tasks } from './tasks/tasks.ts';
import type { Transports } from './transports.ts';

/** What is there from the beginning of a boot to its end, and belongs to no process of the tree. */
export interface NodeBase {
  readonly home: string;
  readonly paths: HomePaths;
  readonly config: Config;
  readonly env: NodeJS.ProcessEnv;
  readonly hostVersion: string;
  readonly startedAt: Date;
  readonly upgradeMs: number;
  readonly logs: Logs;
  readonly log: Log;
  readonly releases: ReleaseStore;
  readonly feed: OperationFeed;
  readonly tasks: Tasks;
  readonly transports: Transports;
  /** The release of a first boot. */
  readonly release: string | undefined;
  /** False until it serves, and from the moment that it begins to stop. */
  ready: boolean;
  stop(why: string, exitCode?: number): void;
  newOperation(): string;
}

export type NodeParts = NodeBase & OwnedParts;
