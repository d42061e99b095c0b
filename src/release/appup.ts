/**
 * An appup says, per table and per server of one application, how state of each version becomes state of the next
 * and back. Nothing here imports anything at run time: an appup is bundled alone and must end up free of imports.
 */
import type { Chain, Chains } from '../tables/types.ts';

/** Chains by table name and by server name. A step's predecessor is the step before it. */
export interface Appup {
  readonly application: string;
  readonly tables: Chains;
  readonly servers: Chains;
}

export interface AppupOptions {
  application: string;
  tables?: Chains;
  servers?: Chains;
}

/** Checks and freezes an appup. Throws a `TypeError` that names the chain and the step. */
export function defineAppup(options: AppupOptions): Appup {
  const { application, tables = {}, servers = {} } = options;
  const appup = { application, tables, servers };
  const problem = appupProblem(appup);
  if (problem !== undefined) throw new TypeError(problem);
  return Object.freeze(appup);
}

/** What is wrong with a value that should be an appup; undefined: nothing. */
export function appupProblem(value: unknown): string | undefined {
  if (!isRecord(value)) return 'an appup is made with defineAppup({ application, tables, servers })';
  const { application, tables, servers } = value;
  if (typeof application !== 'string' || application === '') return 'appup: application must name one';
  for (const [kind, chains] of [
    ['table', tables],
    ['server', servers],
  ] as const) {
    if (!isRecord(chains)) return `appup of ${application}: ${kind}s must be an object of chains by name`;
    for (const [name, chain] of Object.entries(chains)) {
      const problem = chainProblem(chain);
      if (problem !== undefined) return `appup of ${application}: ${kind} ${name}: ${problem}`;
    }
  }
  return undefined;
}

function chainProblem(chain: unknown): string | undefined {
  if (!Array.isArray(chain) || chain.length === 0) return 'a chain is a list of at least one step';
  let before = 0;
  for (const [index, step] of chain.entries()) {
    if (!isRecord(step)) return `step ${index + 1} must be { version, lens? }`;
    const { version, lens } = step;
    if (!Number.isSafeInteger(version) || Number(version) <= before) {
      return `step ${index + 1}: version must be a whole number above ${before}, and is ${String(version)}`;
    }
    before = Number(version);
    if (index === 0 && lens !== undefined)
      return `version ${before} is the first and has nothing to be made of`;
    if (index > 0 && lensProblem(lens) !== undefined) return `version ${before}: ${lensProblem(lens)}`;
  }
  return undefined;
}

function lensProblem(lens: unknown): string | undefined {
  if (!isRecord(lens)) return 'needs a lens from the version before it';
  if (typeof lens.up !== 'function' || typeof lens.down !== 'function')
    return 'its lens needs functions up and down';
  if (lens.put !== undefined && typeof lens.put !== 'function') return 'put of its lens must be a function';
  return undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** All chains of a release; names of tables and servers are unique in a node. */
export function mergeChains(appups: Iterable<Appup>): { tables: Chains; servers: Chains } {
  const tables: Record<string, Chain> = {};
  const servers: Record<string, Chain> = {};
  for (const appup of appups) {
    Object.assign(tables, appup.tables);
    Object.assign(servers, appup.servers);
  }
  return { tables, servers };
}
