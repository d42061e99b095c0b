import { Argument } from 'commander';
import type { ParamsOf } from '../../control/methods.ts';
import { type CtlCommand, query } from '../command.ts';
import { optional, plural } from '../output/format.ts';

export const command: CtlCommand = {
  help: 'Connections are closed and clients connect again; sessions are kept, and no call runs twice.',
  configure: (command) => {
    command.addArgument(new Argument('<transport>', 'which one').choices(['http', 'stdio']));
  },
  run: query('restart', {
    params: ({ args }) => ({ name: args[0] }) as ParamsOf<'restart'>,
    render: ({ transport, sessions_kept }) =>
      `${transport.name} is ${transport.state} at ${optional(transport.address)}, ${plural(sessions_kept, 'session')} kept`,
  }),
};
