/** What the host can ask of a runner: one function for each call of the wire. */
import type { McpServerFactory } from '@modelcontextprotocol/server';
import { processes, type ServerSnapshot } from '../otp/index.ts';
import { loadAppupFile } from '../release/load-appup.ts';
import type { RunnerCalls } from '../wire/index.ts';
import type { Channels } from './channels.ts';
import type { ToolExample } from './examples.ts';
import { heapView } from './heap-view.ts';
import { readSurface } from './inner-client.ts';
import { inspect } from './inspect.ts';
import { tellListChanged } from './list-changed.ts';
import type { ProcessViews } from './process-views.ts';
import type { Servers } from './servers.ts';
import type { Storage } from './storage.ts';
import type { TableWork } from './table-work.ts';
import { warmUp } from './warm-up.ts';

export type Commands = {
  [Name in keyof RunnerCalls]: (
    params: RunnerCalls[Name][0],
    signal: AbortSignal,
  ) => RunnerCalls[Name][1] | Promise<RunnerCalls[Name][1]>;
};

export interface RunnerParts {
  factory: McpServerFactory;
  examples: readonly ToolExample[];
  channels: Channels;
  servers: Servers;
  storage: Storage;
  work: TableWork;
  views: ProcessViews;
  /** Bytes that the host has not taken yet. */
  backlog(): number;
  /** Ends the process, after the answer has gone out. */
  exit(): void;
  warn(message: string): void;
}

export function commands({
  factory,
  examples,
  channels,
  servers,
  storage,
  work,
  views,
  backlog,
  exit,
  warn,
}: RunnerParts): Commands {
  const nothing = {};
  return {
    start: async ({ adopt, applications }) => {
      // An upgrade has built them before; a node that boots serves meanwhile, and reads by them wait.
      if (adopt === undefined)
        storage.buildIndexes().catch((error: Error) => warn(`Indexes could not be built: ${error.message}`));
      return { servers: await servers.start(adopt as ServerSnapshot[] | undefined, applications) };
    },
    surface: () => readSurface(factory),
    warm: ({ rounds }) => warmUp({ factory, examples, rounds, refresh: () => storage.refresh() }),
    useAppup: async ({ path }) => ({ tables: storage.learn(await loadAppupFile(path)) }),
    trackWrites: ({ on }) => {
      storage.track(on);
      return nothing;
    },
    guardWrites: ({ mode, targets = {} }) => ({ failures: storage.guard(mode, targets) }),
    verifyLenses: async ({ targets }, signal) => ({
      reports: await storage.verify(targets, signal, work.progress),
    }),
    verifyTracked: ({ targets }, signal) => storage.verifyTracked(targets, signal),
    keepWayBack: ({ targets }) => ({ failures: storage.keepWayBack(targets) }),
    buildIndexes: async (_params, signal) => {
      await storage.buildIndexes(signal);
      return nothing;
    },
    dropIndexes: async ({ keep }) => {
      await storage.dropIndexes(keep);
      return nothing;
    },
    holdWrites: async ({ on }) => {
      await storage.holdWrites(on);
      return nothing;
    },
    verifyRows: async ({ tables }) => ({ reports: await work.verifyRows(tables) }),
    verifyBackup: async ({ dir, tables }) => ({ rows: await work.verifyBackup(dir, tables) }),
    settle: async () => ({ reports: await work.settle() }),
    copyFromBackup: async ({ dir, tables }) => ({ copied: await work.copyFromBackup(dir, tables) }),
    preparePlaces: async ({ places }) => {
      await storage.prepare(places);
      return nothing;
    },
    changeOver: async () => ({ replaced: await work.changeOver() }),
    dropPlaces: async ({ places }) => {
      await work.dropPlaces(places);
      return nothing;
    },
    suspend: async ({ deadlineMs }) => ({ suspended: await servers.suspend(deadlineMs) }),
    resume: () => servers.resume(),
    snapshot: () => ({ servers: servers.snapshot(), applications: servers.applications.handOver() }),
    copyStates: ({ timeoutMs }) => servers.copyStates(timeoutMs),
    checkStates: ({ had }) => ({ servers: servers.checkStates(had) }),
    markMoved: async ({ names }) => {
      await servers.markMoved(names);
      return nothing;
    },
    takeBack: async ({ adopt, applications }) => ({
      servers: await servers.takeBack(adopt as ServerSnapshot[], applications),
    }),
    park: async () => {
      await storage.rest();
      return nothing;
    },
    pingServers: async ({ timeoutMs }) => ({ servers: await servers.ping(timeoutMs) }),
    probeTables: () => storage.probe(),
    forgetSessions: async ({ ids }) => ({ rows: await storage.forgetSessions(ids) }),
    tableViews: () => ({ tables: storage.views() }),
    memory: () => heapView(),
    hydrated: async () => {
      await channels.hydrated();
      return nothing;
    },
    listChanged: async (lists) => ({ channels: await tellListChanged(channels, lists) }),
    processes: ({ memory }) => ({ processes: views.processes(memory), backlog: backlog() }),
    supervisors: () => ({ supervisors: views.supervisors() }),
    genServers: async ({ timeoutMs }) => ({ servers: await views.servers(timeoutMs) }),
    applications: () => ({ applications: servers.applications.views() }),
    restartProcess: async ({ name }) => ({ pid: await views.restart(name) }),
    restartApplication: async ({ name }) => ({ pid: await servers.applications.restart(name) }),
    resumeAll: (how) => views.resumeAll(how),
    inspect: (query) => inspect(query, { processes, table: (name) => storage.table(name) }),
    stop: async ({ graceMs }) => {
      await Promise.race([servers.stop(), new Promise((resolve) => setTimeout(resolve, graceMs).unref())]);
      await storage.close();
      exit();
      return nothing;
    },
  };
}
