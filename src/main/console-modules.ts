/**
 * The remote console's side in the node: its functions, each a real call on the live node, and its methods of the control API. Only the owner of
 * the control socket can call them, and every use is logged.
 */
import { hostname, userInfo } from 'node:os';
import {
  type ConsoleFunction,
  ConsoleFunctions,
  Consoles,
  complete,
  OK,
  SHELL,
  signatureOf,
} from '../admin/console/index.ts';
import type { ControlHandlers } from '../admin/control-handlers.ts';
import type { ParamsOf } from '../control/index.ts';
import { OperatorError, tuple } from '../errors/index.ts';
import { etsFunctions, tableNames } from './console/ets-functions.ts';
import { nodeFunctions } from './console/node-functions.ts';
import { processFunctions, processNames } from './console/process-functions.ts';
import { type ConsoleMethod, type ConsoleSources, nodeName } from './console/sources.ts';
import { upgradeFunctions } from './console/upgrade-functions.ts';
import type { NodeParts } from './node-parts.ts';

const NOT_REACHABLE = 69;
/** Hosts by which a node can be meant that is found by its home. */
const OWN_HOSTS = ['127.0.0.1', 'localhost', '::1'];

export function consoleHandlers(
  node: NodeParts,
  control: ConsoleSources['control'],
): Pick<ControlHandlers, ConsoleMethod> {
  const sources: ConsoleSources = { control, fleet: () => node.fleet };
  const functions = consoleFunctions(sources);
  const log = node.logs.child('console');
  const consoles = new Consoles(functions, (message, fields) => log.info(message, fields));
  return {
    console_open: async (params, context) => {
      checkTarget(params, node.config.cookie);
      log.info('Console opened', { user: params.user ?? userInfo().username });
      return { name: nodeName(), release: (await control.version({}, context)).release };
    },
    eval: (params) => consoles.evaluate({ ...params, user: params.user ?? userInfo().username }),
    console_complete: ({ line, console: id }, context) => {
      const call = { signal: context.signal, context, note: () => {}, print: () => {} };
      const names = { tables: () => tableNames(sources, call), processes: () => processNames(sources, call) };
      return complete(line, functions.list, names, consoles.variables(id));
    },
  };
}

function consoleFunctions(sources: ConsoleSources): ConsoleFunctions {
  const all: ConsoleFunction[] = [
    ...upgradeFunctions(sources),
    ...etsFunctions(sources),
    ...processFunctions(sources),
    ...nodeFunctions(sources),
    {
      module: SHELL,
      name: 'help',
      args: [],
      summary: 'this list',
      run: (_args, call) => {
        for (const entry of all) call.print(`${signatureOf(entry).padEnd(56)} ${entry.summary}`);
        return OK;
      },
    },
  ];
  return new ConsoleFunctions(all);
}

/** Throws where the caller means another node than this one. */
function checkTarget({ remsh, cookie }: ParamsOf<'console_open'>, own: string): void {
  const hosts = [...OWN_HOSTS, hostname(), hostname().split('.')[0]];
  if (remsh !== undefined && !hosts.some((host) => remsh === `erlmcp@${host}`))
    throw new OperatorError(
      tuple('nodedown', remsh),
      `The node of this home is ${nodeName()}, not ${JSON.stringify(remsh)}.`,
      'Name it as erlmcp@127.0.0.1, or name the home of the other node in ERLMCP_HOME.',
      { exitCode: NOT_REACHABLE },
    );
  if (cookie !== undefined && cookie !== own)
    throw new OperatorError(
      tuple('bad_cookie', cookie),
      `The node ${nodeName()} has another cookie.`,
      'See `cookie` in its erlmcp.json; without one it is erlmcp.',
    );
}
