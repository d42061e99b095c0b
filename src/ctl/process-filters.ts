/** The filters of all lists of processes. */
import { choiceFilter, type Filter, textFilter } from './list.ts';

interface Row {
  readonly name: string | null;
  readonly where: string;
  readonly status: string;
}

const STATUSES = ['running', 'waiting', 'suspended', 'moved', 'no_answer'];

export const processFilters = <R extends Row>(): Filter<R>[] => [
  textFilter('--name <pattern>', 'name', ({ name }) => name),
  textFilter('--where <pattern>', 'place', ({ where }) => where),
  choiceFilter('--status <status>', 'status', STATUSES, ({ status }) => status),
];
