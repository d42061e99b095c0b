/** `queues`: everything in the node that waits for somebody to take it. */
import type { QueueRow } from '../../control/index.ts';
import type { RunnerProcess } from '../../host/index.ts';
import type { ProcessView } from '../../wire/index.ts';
import type { NodeParts } from '../node-parts.ts';
import { askRunners } from './processes-ask.ts';

type Row = Partial<QueueRow> & Pick<QueueRow, 'queue' | 'kind' | 'where'>;

const row = (fields: Row): QueueRow => ({ depth: null, bytes: null, oldest_ms: null, ...fields });

export async function queues(
  node: NodeParts,
  own: readonly ProcessView[],
  all: boolean,
): Promise<QueueRow[]> {
  const answers = await askRunners(node.fleet, 'processes', { memory: false });
  const asked = answers.flatMap(({ runner, answer }) =>
    answer
      ? [
          ...mailboxes(runner.where, answer.processes),
          row({ queue: 'to_host', kind: 'wire', where: runner.where, bytes: answer.backlog }),
        ]
      : [row({ queue: 'no_answer', kind: 'runner', where: runner.where })],
  );
  const rows = [
    held(node),
    ...[...node.fleet.runners].flatMap((runner) => ofRunner(node, runner)),
    ...mailboxes('host', own),
    ...asked,
  ];
  return rows.filter((queue) => all || waits(queue)).sort(deepestFirst);
}

const waits = ({ kind, depth, bytes }: QueueRow): boolean =>
  kind === 'runner' || (depth ?? 0) > 0 || (bytes ?? 0) > 0;

const deepestFirst = (one: QueueRow, other: QueueRow): number =>
  (other.depth ?? -1) - (one.depth ?? -1) ||
  (other.bytes ?? 0) - (one.bytes ?? 0) ||
  (other.oldest_ms ?? 0) - (one.oldest_ms ?? 0);

const mailboxes = (where: string, processes: readonly ProcessView[]): QueueRow[] =>
  processes
    .filter(({ kind }) => kind === 'server')
    .map(({ name, pid, mailbox }) => row({ queue: name ?? pid, kind: 'mailbox', where, depth: mailbox }));

const age = (since: number | undefined): number | null =>
  since === undefined ? null : performance.now() - since;

function held({ router }: NodeParts): QueueRow {
  const { count, since } = router.held;
  return row({ queue: 'held_requests', kind: 'held', where: 'host', depth: count, oldest_ms: age(since) });
}

/** What the host knows of a runner, also of one that does not answer. */
function ofRunner({ router }: NodeParts, runner: RunnerProcess): QueueRow[] {
  const { where, inFlight, backlog } = runner;
  // Calls stand in the order of their arrival.
  const oldest = [...router.calls.values()].find((call) => call.runner === runner)?.startedAt;
  return [
    row({ queue: 'in_flight', kind: 'in_flight', where, depth: inFlight, oldest_ms: age(oldest) }),
    row({ queue: 'to_runner', kind: 'wire', where, bytes: backlog }),
  ];
}
