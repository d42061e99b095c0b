/** A counter whose count is the state of a server: it lives in memory, and moves along in an upgrade. */
import { genServer, reply } from 'erlmcp';

export interface Increment {
  count: number;
  /** Milliseconds since 1970. */
  at: number;
}

export interface CounterState {
  count: number;
  /** The last increments, oldest first. */
  history: Increment[];
}

export type CounterCalls = {
  increment: () => { count: number };
  history: () => { history: Increment[] };
};

export const HISTORY_LIMIT = 100;

export const counter = genServer<CounterState, CounterCalls>({
  name: 'counter',
  version: 2,
  init: () => ({ count: 0, history: [] }),
  handleCall(request, _from, state) {
    if (request[0] === 'history') return reply({ history: state.history }, state);
    const count = state.count + 1;
    const history = [...state.history, { count, at: Date.now() }].slice(-HISTORY_LIMIT);
    return reply({ count }, { count, history });
  },
});
