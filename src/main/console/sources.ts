/** What the functions of the console read: the answers of the control API, and the tables and processes of host and runners. */

import { hostname } from 'node:os';
import type { ControlHandlers } from '../../admin/control-handlers.ts';
import { OperatorError, tuple } from '../../errors/index.ts';
import type { Fleet } from '../../host/index.ts';
import { processes } from '../../otp/index.ts';
import { inspect } from '../../runner/inspect.ts';
import type { InspectAnswer, InspectQuery } from '../../wire/index.ts';
import { erlmcpRegistry } from '../registry.ts';

/** Those that the console adds to the control API. */
export type ConsoleMethod = 'eval' | 'console_open' | 'console_complete';

export interface ConsoleSources {
  readonly control: Omit<ControlHandlers, ConsoleMethod>;
  readonly fleet: () => Fleet;
}

export const nodeName = (): string => `erlmcp@${hostname()}`;

/** Longer than a server may take to answer, shorter than the console waits. */
const INSPECT_MS = 3_000;

/** Asks the host about its own tables and processes. */
export const inspectHost = (query: InspectQuery): Promise<InspectAnswer> =>
  inspect(query, { processes, table: (name) => (name === erlmcpRegistry.name ? erlmcpRegistry : undefined) });

/** Asks the runner that is called so, or the active one. */
export function inspectRunner(fleet: Fleet, query: InspectQuery, where?: string): Promise<InspectAnswer> {
  const runner = where === undefined ? fleet.active : [...fleet.runners].find((one) => one.where === where);
  if (runner) return runner.call('inspect', query, INSPECT_MS);
  throw new OperatorError(
    tuple('no_active_runner', where ?? 'none'),
    'No runner is there to be asked.',
    'See: erlmcpctl status',
  );
}
