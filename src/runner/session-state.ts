/**
 * What a server keeps of one session. A state is a row of the `disc` table `session.<name>`, keyed by the session's id, so that
 * versions, lenses, transactions, backups and the way back are those of tables. The row goes when the session ends.
 */
import { SESSION_TABLES } from '../release/session-tables.ts';
import { type AnyTable, type RowSchema, type Table, table } from '../tables/index.ts';
import { isThenable } from '../tables/write-scope.ts';
import { openSessions } from './open-sessions.ts';
import { SessionError } from './session-error.ts';
import { rowSchemaOf, type SessionRow } from './session-schema.ts';

/** What a handler is told of its request: the SDK's context, its last parameter. */
export interface SessionContext {
  readonly sessionId?: string | undefined;
}

export interface SessionStateSpec<State extends object> {
  /** Letters, digits and `_`; the table is `session.<name>`. */
  readonly name: string;
  /** 1…65535, of the state's shape; stored with each row. */
  readonly version: number;
  /** Of the state, which has no field `session`. Default: any object. */
  readonly schema?: RowSchema<State>;
  /** What a session has before anything is written. Pure: called whenever that is asked for. */
  readonly init: () => State;
}

/** The state of whatever session asks. Reads are synchronous; writes resolve when they are on disc. */
export class SessionState<State extends object> {
  readonly name: string;
  /** For transactions with other tables; its rows have the session's id in the field `session`. */
  readonly table: Table<SessionRow<State>, string>;
  readonly #init: () => State;

  constructor({ name, version, schema, init }: SessionStateSpec<State>) {
    this.name = name;
    this.#init = init;
    const rows = schema && rowSchemaOf(schema);
    checkSpec(name, init, rows);
    const spec = {
      name: `${SESSION_TABLES}${name}`,
      version,
      key: 'session' as const,
      storage: 'disc' as const,
    };
    this.table = table<SessionRow<State>, string>(rows ? { ...spec, schema: rows } : spec);
    tablesOfSessions.add(this.table);
  }

  /** What was written last, or what `init` gives. @throws SessionError `no_session` */
  get(context: SessionContext): State {
    return this.#stateOf(this.table.get(this.#sessionOf(context)));
  }

  /** @throws SessionError `no_session`, `session_over`; TableError `bad_row` where the schema refuses the state */
  async put(context: SessionContext, state: State): Promise<void> {
    await this.table.put(rowOf(state, this.keyOf(context)));
  }

  /**
   * Reads, changes and writes with nothing in between. `change` is synchronous, gets what `get` would give, and writes nothing by
   * returning undefined. The result is the state as it is then. @throws as `put`
   */
  async update(context: SessionContext, change: (state: State) => State | undefined): Promise<State> {
    const session = this.keyOf(context);
    let left: State | undefined;
    const written = await this.table.update(session, (row) => {
      left = this.#stateOf(row);
      const state = change(left);
      return state && rowOf(state, session);
    });
    return written ? this.#stateOf(written) : (left as State);
  }

  /** Back to what `init` gives. @throws SessionError `no_session`, `session_over` */
  async delete(context: SessionContext): Promise<void> {
    await this.table.delete(this.keyOf(context));
  }

  /** The key of the session's row, for a transaction that is begun at once. @throws SessionError `no_session`, `session_over` */
  keyOf(context: SessionContext): string {
    const id = this.#sessionOf(context);
    if (openSessions.has(id)) return id;
    throw new SessionError('session_over', this.name);
  }

  #sessionOf({ sessionId }: SessionContext): string {
    if (sessionId !== undefined) return sessionId;
    throw new SessionError('no_session', this.name);
  }

  #stateOf(row: SessionRow<State> | undefined): State {
    if (row === undefined) return this.#init();
    const { session: _id, ...state } = row;
    return state as unknown as State;
  }
}

/** A promise stays one, for the table to refuse. */
const rowOf = <State extends object>(state: State, session: string): SessionRow<State> =>
  isThenable(state) ? (state as never) : { ...state, session };

const tablesOfSessions = new WeakSet<AnyTable>();

/** Whether it holds states of sessions. No other table may be named as if it did: rows go when a session ends. */
export const isOfSessions = (declared: AnyTable): boolean => tablesOfSessions.has(declared);

const NAME = /^[a-z][a-z0-9_]*$/;

/** A mistake is found where the state is declared, not by the first client. */
function checkSpec(name: string, init: () => object, schema: RowSchema | undefined): void {
  const refuse = (sentence: string, cause?: unknown): never => {
    throw new TypeError(`session state ${String(name)}: ${sentence}`, { cause });
  };
  if (typeof name !== 'string' || !NAME.test(name))
    refuse('its name must be lower-case letters, digits and _, as an atom is written');
  if (typeof init !== 'function') refuse('init must be a function that returns the state of a new session');
  const state = init();
  if (typeof state !== 'object' || state === null || Array.isArray(state))
    refuse('its state must be an object');
  if ('session' in state) refuse('its state must have no field session, in which its row has the id');
  try {
    schema?.parse({ ...state, session: 'new' });
  } catch (error) {
    refuse(`its schema refuses what init gives (${error instanceof Error ? error.message : error})`, error);
  }
}

/** State of sessions, and what there is to know of them. */
export const session = {
  /** Declares a state, at module level. Put the result among the `tables` of the application. */
  state: <State extends object>(spec: SessionStateSpec<State>): SessionState<State> => new SessionState(spec),

  /** Unique, never given twice; undefined in a request of revision 2026-07-28, which has no session. */
  idOf: ({ sessionId }: SessionContext): string | undefined => sessionId,
};
