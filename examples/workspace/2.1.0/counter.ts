/** A counter whose count is the state of a server: it lives in memory, and moves along in an upgrade. */
import { genServer, reply } from 'erlmcp';

export interface CounterState {
  count: number;
}

export type CounterCalls = {
  increment: () => { count: number };
};

export const counter = genServer<CounterState, CounterCalls>({
  name: 'counter',
  version: 1,
  init: () => ({ count: 0 }),
  handleCall(_request, _from, state) {
    const count = state.count + 1;
    return reply({ count }, { count });
  },
});
