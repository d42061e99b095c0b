import { Argument } from 'commander';
import { action, type CtlCommand } from '../command.ts';
import { ownUser, safeText } from '../console/node-console.ts';

export const command: CtlCommand = action('eval', {
  help: `Erlang, as in the runbook (the last full stop may be left out), or TypeScript:
  erlmcpctl eval 'ets:info(erlmcp_registry).'
  erlmcpctl eval 'await ets.info("erlmcp_registry")'
Exit code: 0, 1 if the expression failed, 64 if it can't be understood, 124 if it was not done in 4 s.
With --json: text, language, and the value as JSON. Every use is logged in log/erlmcp.log. See docs/console.md.`,
  configure: (command) => {
    command.addArgument(new Argument('<expression>', 'in quotes'));
  },
  params: ({ args }) => ({ expression: args[0] ?? '', user: ownUser() }),
  render: ({ text }) => safeText(text),
});
