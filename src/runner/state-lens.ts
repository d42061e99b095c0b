/** Converts the state of a server from the version that wrote it to the one that this release runs, along the appup's chain. */
import { CodeChangeFailed, type ServerSnapshot } from '../otp/index.ts';
import type { Chain } from '../tables/index.ts';

/** @throws Error when the chain lacks one of the versions, or what a lens throws */
export function convertState(chain: Chain | undefined, from: number, to: number, state: unknown): unknown {
  if (from === to) return state;
  const steps = chain ?? [];
  const start = steps.findIndex(({ version }) => version === from);
  const end = steps.findIndex(({ version }) => version === to);
  if (start < 0 || end < 0) throw new Error(`no lens leads from version ${from} to ${to}`);
  let converted = state;
  for (let at = start; at < end; at++) converted = steps[at + 1]?.lens?.up(converted);
  for (let at = start; at > end; at--) converted = steps[at]?.lens?.down(converted);
  return converted;
}

/** A failure to convert one server's state, as the runbook prints it. */
export class TransformationFailed extends Error {
  override readonly name = 'TransformationFailed';
  readonly reason: string;
  constructor(server: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`the state of ${server} can not be converted: ${why}`, { cause });
    this.reason = `{transformation_failed, ${server}, ${JSON.stringify(why)}}`;
  }
}

/** A supervisor that could not start says why, and its cause which server's `codeChange` that was. */
export function explainTransformation(error: unknown): never {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof CodeChangeFailed) throw new TransformationFailed(cause.server, cause);
  throw error;
}

/** What the versions of its state are known by: its registered name, or that of the definition that it shares with others. */
const chainNameOf = ({ name, server, child }: ServerSnapshot): string =>
  child === undefined ? name : (server ?? name);

/** Snapshots with their states converted; those of servers that this release does not have are left out. */
export function convertAll(
  snapshots: readonly ServerSnapshot[],
  versionOf: (snapshot: ServerSnapshot) => number | undefined,
  chains: Readonly<Record<string, Chain>>,
): Map<string, ServerSnapshot> {
  const converted = new Map<string, ServerSnapshot>();
  for (const snapshot of snapshots) {
    const version = versionOf(snapshot);
    if (version === undefined) continue;
    try {
      const state = convertState(chains[chainNameOf(snapshot)], snapshot.version, version, snapshot.state);
      converted.set(snapshot.name, { ...snapshot, state });
    } catch (error) {
      throw new TransformationFailed(snapshot.name, error);
    }
  }
  return converted;
}
