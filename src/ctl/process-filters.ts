/** The filters of all lists of processes. */
import type { ProcessRow } from '../control/types.ts';
import { choiceFilter, type Filter, textFilter } from './list.ts';

interface Row {
  readonly name: string | null;
  readonly where: string;
  readonly status: string;
}

const STATUSES = Object.keys({
  running: 0,
  waiting: 0,
  suspended: 0,
  moved: 0,
  no_answer: 0,
} satisfies Record<ProcessRow['status'], 0>);

export const processFilters = <R extends Row>(): Filter<R>[] => [
  textFilter('--name <pattern>', 'name', ({ name }) => name),
  textFilter('--where <pattern>', 'place', ({ where }) => where),
  choiceFilter('--status <status>', 'status', STATUSES, ({ status }) => status),
];
