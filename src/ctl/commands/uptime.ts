import { query } from '../command.ts';
import { seconds } from '../output/format.ts';

export const command = query('uptime', {
  help: 'An upgrade does not end it: the host stays.',
  render: ({ uptime_s, started_at, pid }) => `up ${seconds(uptime_s)}, since ${started_at}, pid ${pid}`,
});
