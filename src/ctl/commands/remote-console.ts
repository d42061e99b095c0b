import type { CtlCommand } from '../command.ts';
import { ownUser } from '../console/node-console.ts';
import { runConsole } from '../console/run-console.ts';

export const command: CtlCommand = {
  help: `An expression is Erlang if it ends with a full stop, else TypeScript:
  {ok, Status} = erlmcp_upgrade_coordinator:get_upgrade_status().
  ets:info(erlmcp_registry).
  await erlmcp_upgrade_coordinator.get_upgrade_status()
help(). lists the functions, f(). forgets the variables, q(). or Ctrl-D leaves, Tab completes, Ctrl-C drops what is
typed. The history is in ~/.erlmcp_history, or in the file that ERLMCP_HISTORY names. Off a terminal expressions are read from
stdin, and the exit code is 1 if one failed. Every use is logged in log/erlmcp.log. See docs/console.md.`,
  run: ({ home, terminal }) => runConsole({ home, user: ownUser(), program: 'erlmcpctl' }, terminal),
};
