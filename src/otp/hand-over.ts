/**
 * The moves of servers between tables. The order that loses nothing, in both directions: suspend and snapshot here; adopt or
 * take back there, suspended; commit; `markMoved` here, which passes on what came since the snapshot; resume there.
 */
import { exitTuple } from './exit-error.ts';
import type { ServerSnapshot } from './ports.ts';
import type { SupervisorProcess } from './process-info.ts';
import { noproc } from './process-registry.ts';
import type { ServerProcess } from './server-process.ts';

type Servers = ReadonlyMap<string, ServerProcess>;

/** Starts a server from a snapshot, suspended. undefined: it has no place for it. */
export type Adopter = (snapshot: ServerSnapshot) => Promise<void> | undefined;

/** Which servers a take-back brought back, and which this table has no place for. */
export interface TakenBack {
  readonly taken: string[];
  readonly left: string[];
}

const choose = (servers: Servers, names: Iterable<string>): ServerProcess[] =>
  Array.from(names, (name) => {
    const server = servers.get(name);
    if (server === undefined) throw noproc(name);
    return server;
  });

/** @throws ExitError `{not_suspended, Name}` */
export function snapshotAll(servers: Servers, names: Iterable<string> | undefined): ServerSnapshot[] {
  const chosen = names
    ? choose(servers, names)
    : [...servers.values()].filter((server) => !server.is('moved'));
  for (const server of chosen) {
    if (server.held && !server.busy) continue;
    throw exitTuple(
      'not_suspended',
      server.name,
      'only a suspended server can be handed over; suspend the table.',
    );
  }
  return chosen.map((server) => server.snapshot());
}

/** Adds what the server is, and how its supervisor started it where that is not in the code: another table has to know. */
export function withOrigin(
  snapshot: ServerSnapshot,
  servers: Servers,
  supervisors: ReadonlyMap<string, SupervisorProcess>,
): ServerSnapshot {
  const process = servers.get(snapshot.name);
  if (process === undefined) return snapshot;
  const child = supervisors.get(process.supervisor ?? '')?.originOf(process.pid);
  return { ...snapshot, server: process.server.name, ...(child && { child }) };
}

/** @throws ExitError `{no_snapshot, Name}`: its state would be lost */
export function markMoved(servers: Servers, names: Iterable<string> | undefined): ServerProcess[] {
  const chosen = names
    ? choose(servers, names)
    : [...servers.values()].filter((server) => server.isSnapshotted);
  for (const server of chosen) {
    if (server.isSnapshotted) continue;
    throw exitTuple(
      'no_snapshot',
      server.name,
      'nothing was handed over since it was suspended; take a snapshot.',
    );
  }
  for (const server of chosen) server.becomeShell();
  return chosen;
}

/** Servers that are neither a shell here nor a supervisor's child are left where they are. */
export async function takeBack(
  servers: Servers,
  adopters: ReadonlyMap<string, Adopter>,
  snapshots: Iterable<ServerSnapshot>,
): Promise<TakenBack> {
  const result: TakenBack = { taken: [], left: [] };
  for (const snapshot of snapshots) {
    const { name, child } = snapshot;
    const back = takeBackOne(servers.get(name), adopters.get(child?.supervisor ?? name), snapshot);
    (back ? result.taken : result.left).push(name);
    await back;
  }
  return result;
}

function takeBackOne(
  server: ServerProcess | undefined,
  adopt: Adopter | undefined,
  snapshot: ServerSnapshot,
): Promise<void> | undefined {
  if (server === undefined) return adopt?.(snapshot);
  if (server.is('moved')) return server.refill(snapshot);
  throw exitTuple(
    'not_moved',
    snapshot.name,
    'a server of that name runs here; stop it before it is taken back.',
  );
}
