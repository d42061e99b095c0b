/** What a rehearsal says of the servers that it did not take along whole. */
import type { CopiedStates, RehearsedServer } from '../../wire/index.ts';
import type { Finding } from '../types.ts';

type Said = Pick<Finding, 'name' | 'status' | 'value'> & { message: string };

export function leftOut({ busy }: CopiedStates, servers: readonly RehearsedServer[]): Said[] {
  const byHook = servers.filter(({ leavesOut }) => leavesOut === 'resumed').map(({ name }) => name);
  const byTimers = servers.filter(({ leavesOut }) => leavesOut === 'timers').map(({ name }) => name);
  return [
    ...busy.map(stillBusy),
    ...servers.flatMap(notAsItWas),
    {
      name: 'left out',
      status: 'skipped',
      value: 'messages, timers and links that servers have now',
      message: 'Only states are copied.',
    },
    ...skipped('resumed', byHook, 'Their resumed hooks did not run, and they took no messages'),
    ...skipped('timers', byTimers, 'Timers that they start do not fire'),
  ];
}

const stillBusy = ({ name, task }: CopiedStates['busy'][number]): Said => ({
  name: `state ${name}`,
  status: 'warning',
  value: 'not read',
  message: `It is at work${task === null ? '' : ` with '${task}'`}; an upgrade would wait for it, and be aborted.`,
});

const notAsItWas = ({ name, warning }: RehearsedServer): Said[] =>
  warning === null
    ? []
    : [{ name: `state ${name}`, status: 'warning', value: 'not plain', message: `In its state ${warning}.` }];

const skipped = (name: string, servers: readonly string[], sentence: string): Said[] =>
  servers.length === 0
    ? []
    : [
        {
          name,
          status: 'skipped',
          value: servers.join(', '),
          message: `${sentence}: not declared safeToRehearse.`,
        },
      ];
