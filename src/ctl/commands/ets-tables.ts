import type { TableRow, TaskResult, VerifiedTable } from '../../control/types.ts';
import { OperatorError, tuple } from '../../errors/index.ts';
import { type CtlCommand, choiceFilter, query, rowsOf } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { optional } from '../output/format.ts';
import { countsOf, rowVersions } from '../output/row-versions.ts';
import { bytes } from '../output/sizes.ts';
import { type Column, table } from '../output/table.ts';
import { runTask } from '../task/run.ts';

const COLOURS: Readonly<Record<TableRow['status'], Column<TableRow>['style']>> = {
  ok: () => 'green',
  damaged: () => 'red',
  missing: () => 'red',
  not_writable: () => 'red',
  unused: () => undefined,
  no_answer: () => 'yellow',
};

const ROWS: readonly Column<TableRow>[] = [
  { head: 'NAME', cell: ({ name }) => name },
  { head: 'OWNER', cell: ({ owner }) => optional(owner) },
  { head: 'VERSION', cell: ({ version }) => optional(version), align: 'right' },
  { head: 'STORAGE', cell: ({ storage }) => storage },
  { head: 'TYPE', cell: ({ type }) => optional(type) },
  { head: 'ROWS', cell: ({ rows }) => optional(rows), align: 'right' },
  { head: 'ROW VERSIONS', cell: rowVersions },
  {
    head: 'SETTLING',
    cell: ({ settling, rows }) => (settling === null ? '-' : `${percent(settling, rows)} %`),
    align: 'right',
  },
  { head: 'BYTES', cell: (row) => bytes(row.bytes), align: 'right' },
  { head: 'DAMAGED', cell: ({ damaged }) => damaged, align: 'right' },
  { head: 'STATUS', cell: ({ status }) => status, style: (row) => COLOURS[row.status]?.(row) },
];

const percent = (part: number, whole: number | null): number =>
  whole ? Math.min(100, Math.floor((part / whole) * 100)) : 100;

const VERIFIED: readonly Column<VerifiedTable>[] = [
  { head: 'TABLE', cell: (row) => row.table },
  { head: 'READ', cell: ({ rows }) => rows, align: 'right' },
  { head: 'BY VERSION', cell: ({ versions }) => countsOf(versions) || '-' },
  {
    head: 'FAILED',
    cell: ({ damaged }) => damaged,
    align: 'right',
    style: ({ damaged }) => (damaged > 0 ? 'red' : 'green'),
  },
  { head: 'FIRST FAILED KEYS', cell: ({ keys }) => optional(keys.slice(0, 10).join(', ') || null) },
];

export const COLUMNS: readonly Column<never>[] = [...ROWS, ...VERIFIED];

const list = query('ets_tables', {
  help: `STATUS: ok, a row could be read and written just now; damaged, a row can't be read; missing, the release declares it
and the store has it not; not_writable, no write got through in time; unused, stored by a release that ran before;
no_answer, the runner did not say in time what it declares.
ROW VERSIONS counts rows by the version that wrote them, in larger tables of the first and the last 500. SETTLING: how far the rewriting of rows
of older versions is. DAMAGED counts rows that failed their checksum as they were read since the runner started, or as the last --verify found
them.
It lists and does not judge: the exit code is 0 whatever the statuses. erlmcpctl health judges what is damaged or missing. A table that there is not: 1.
--verify reads every row of every table, or of this one, in a process of its own, and names the damaged ones; exit code 1 if there are any.`,
  configure: (command) => {
    command.argument('[name]', 'only this table');
  },
  params: ({ args }) => (args[0] === undefined ? {} : { name: args[0] }),
  render: (rows, terminal) => table(terminal, rows, ROWS),
  list: rowsOf<TableRow>({
    filters: [
      choiceFilter('--storage <storage>', 'storage', ['ram', 'disc'], ({ storage }) => storage),
      choiceFilter('--status <status>', 'status', Object.keys(COLOURS), ({ status }) => status),
    ],
    sorts: {
      name: ({ name }) => name,
      rows: ({ rows }) => rows,
      bytes: (row) => row.bytes,
      damaged: ({ damaged }) => damaged,
    },
  }),
});

export const command: CtlCommand = {
  help: list.help,
  configure: (declared) => {
    list.configure?.(declared);
    declared.option('--verify', 'read every row, and report damage by table and key');
  },
  run: (invocation) => {
    const { args, options } = invocation;
    if (options.verify !== true) return list.run(invocation);
    if (OF_THE_LIST.some((name) => options[name] !== undefined)) throw alone();
    return runTask(invocation, {
      method: 'verify_tables',
      params: args[0] === undefined ? {} : { tables: [args[0]] },
      render: ({ result }, terminal) => table(terminal, verifiedOf(result), VERIFIED),
      exitCode: ({ result }) =>
        verifiedOf(result).some(({ damaged }) => damaged > 0) ? EXIT.failed : EXIT.ok,
    });
  },
};

const verifiedOf = (result: TaskResult | null): VerifiedTable[] =>
  result?.kind === 'verify' ? result.tables : [];

const OF_THE_LIST = ['watch', 'storage', 'status', 'sort', 'limit'];

const alone = (): OperatorError =>
  new OperatorError(
    tuple('wrong_usage', 'ets_tables'),
    '--verify goes with the name of a table and --json alone.',
    'See: erlmcpctl ets_tables --help',
    { exitCode: EXIT.usage },
  );
