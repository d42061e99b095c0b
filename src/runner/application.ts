/** What an author's module exports: one application, checked when it is defined, so that a mistake names its place. */
import type { McpServerFactory } from '@modelcontextprotocol/server';
import type { ChildSpec } from '../otp/index.ts';
import type { Appup } from '../release/appup.ts';
import { SESSION_TABLES } from '../release/session-tables.ts';
import type { AnyTable } from '../tables/types.ts';
import { problemOfExamples, type ToolExample } from './examples.ts';
import { isOfSessions, SessionState } from './session-state.ts';

export type ApplicationType = 'permanent' | 'transient' | 'temporary';

export interface ApplicationOptions {
  name: string;
  /** Semantic version of the application. */
  vsn: string;
  /** Of `table(...)` and `session.state(...)`. */
  tables?: readonly (AnyTable | AnySessionState)[];
  /** Applications of the release that have to be started before this one. */
  applications?: readonly string[];
  /**
   * What its end means, once its top supervisor has given up or has stopped. permanent (the default): the runner ends and is
   * started anew. transient: the same after a failure. temporary: it stands as `failed`, the others go on, the node is degraded.
   */
  type?: ApplicationType;
  /** Children of the application's one_for_one supervisor, started in this order. */
  children?: readonly ChildSpec[];
  /**
   * Makes the MCP server of one session, or, when it takes no argument, the one that all requests of revision
   * 2026-07-28 share. May be called any number of times. In a release exactly one application has it.
   */
  mcp?: McpServerFactory | undefined;
  /** Calls of read-only tools, made in a new runner before the switch: see `ToolExample`. */
  examples?: readonly ToolExample[];
  appup?: Appup | undefined;
}

/** What `session.state(...)` made, of whatever state. */
export interface AnySessionState {
  readonly table: AnyTable;
}

export interface Application {
  readonly name: string;
  readonly vsn: string;
  readonly tables: readonly AnyTable[];
  readonly applications: readonly string[];
  readonly type: ApplicationType;
  readonly children: readonly ChildSpec[];
  readonly mcp: McpServerFactory | undefined;
  readonly examples: readonly ToolExample[];
  readonly appup: Appup | undefined;
}

export interface Release {
  readonly name: string;
  readonly vsn: string;
  readonly applications: readonly Application[];
}

const NAME = /^[a-z][a-z0-9_]*$/;

/** Throws a `TypeError` that names the application and what is wrong with it. */
export function defineApplication(options: ApplicationOptions): Application {
  const {
    name,
    vsn,
    tables: declared = [],
    applications = [],
    type = 'permanent',
    children = [],
    mcp,
    examples = [],
    appup,
  } = options;
  const tables: readonly AnyTable[] = Array.isArray(declared) ? declared.map(tableOf) : (declared as never);
  const application = { name, vsn, tables, applications, type, children, mcp, examples, appup };
  const problem = problemOf(application);
  if (problem !== undefined) throw new TypeError(`application ${String(name)}: ${problem}`);
  return Object.freeze(application);
}

const tableOf = (declared: AnyTable | AnySessionState): AnyTable =>
  declared instanceof SessionState ? declared.table : (declared as AnyTable);

const TYPES: readonly unknown[] = ['permanent', 'transient', 'temporary'];

function problemOf(application: Application): string | undefined {
  const { name, vsn, tables, applications, type, children, mcp, examples, appup } = application;
  if (typeof name !== 'string' || !NAME.test(name)) {
    return 'name must be lower-case letters, digits and _, as an atom is written';
  }
  if (typeof vsn !== 'string' || vsn === '') return 'vsn must be its version, such as "3.0.0"';
  if (!Array.isArray(tables)) return 'tables must be a list of table(...) and session.state(...)';
  const misnamed = tables.find((table) => table.name.startsWith(SESSION_TABLES) && !isOfSessions(table));
  if (misnamed !== undefined)
    return `table ${misnamed.name}: rows of tables named ${SESSION_TABLES}… are removed with their session; declare it with session.state(...), or give it another name`;
  if (!Array.isArray(applications) || applications.some((other) => typeof other !== 'string'))
    return 'applications must be a list of names';
  if (applications.includes(name)) return 'applications must not name the application itself';
  if (!TYPES.includes(type)) return `type must be one of ${TYPES.join(', ')}`;
  if (!Array.isArray(children)) return 'children must be a list of { id, start }';
  if (mcp !== undefined && typeof mcp !== 'function')
    return 'mcp must be a function that returns an McpServer';
  if (appup !== undefined && appup.application !== name) {
    return `its appup is that of application ${appup.application}`;
  }
  return (
    problemOfExamples(examples, mcp !== undefined) ??
    repeated(
      'table',
      tables.map((table) => table.name),
    ) ??
    repeated(
      'child',
      children.map(({ id }) => id),
    )
  );
}

function repeated(kind: string, names: readonly string[]): string | undefined {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? undefined : `${kind} ${twice} is declared twice`;
}
