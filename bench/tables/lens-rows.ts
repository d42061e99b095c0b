/** Three versions of a row, and the same two steps between them written in each of the ways that there are. */
import { add, type Chain, lens, rename } from '../../src/index.ts';
import { type BenchRow, rowAt } from './rows.ts';

export type Version1 = BenchRow;
export type Version2 = Version1 & { tags: string[]; pinned: boolean };
export type Version3 = Omit<Version2, 'text'> & { body: string };

export const COMBINED: Chain = [
  { version: 1 },
  { version: 2, lens: lens<Version1, Version2>()(add('tags', [] as string[]), add('pinned', false)) },
  { version: 3, lens: lens<Version2, Version3>()(rename('text', 'body')) },
] as Chain;

const toVersion2 = {
  up: (row: Version1): Version2 => ({ ...row, tags: [], pinned: false }),
  down: ({ tags: _tags, pinned: _pinned, ...row }: Version2): Version1 => row,
};

const toVersion3 = {
  up: ({ text, ...row }: Version2): Version3 => ({ ...row, body: text }),
  down: ({ body, ...row }: Version3): Version2 => ({ ...row, text: body }),
};

export const FREE = [
  { version: 1 },
  { version: 2, lens: toVersion2 },
  { version: 3, lens: toVersion3 },
] as Chain;

/** Free functions that say themselves what a write back keeps. */
export const FREE_WITH_PUT = [
  { version: 1 },
  {
    version: 2,
    lens: {
      ...toVersion2,
      put: (older: Version1, { tags, pinned }: Version2): Version2 => ({ ...older, tags, pinned }),
    },
  },
  { version: 3, lens: { ...toVersion3, put: (older: Version2): Version3 => toVersion3.up(older) } },
] as Chain;

export const oldest = (at: number): Version1 => rowAt(at);

export const newest = (at: number): Version3 => {
  const { text, ...row } = rowAt(at);
  return { ...row, body: text, tags: ['bench'], pinned: true };
};
