/** Colours of the states of processes and applications. */
import type { Column } from './table.ts';

type Style = ReturnType<NonNullable<Column<never>['style']>>;

const COLOURS: Readonly<Record<string, Style>> = {
  suspended: 'yellow',
  restarting: 'yellow',
  starting: 'yellow',
  stopping: 'yellow',
  stopped: 'yellow',
  failed: 'red',
  terminated: 'red',
  no_answer: 'red',
};

export const statusColour = (status: string): Style => COLOURS[status];
