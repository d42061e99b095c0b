/**
 * The views of processes: the host's own come from its process table, those of the runners are asked for, all at once. What a
 * runner does not answer in a second is missing, and the runner stands in the list as one that gave no answer.
 */
import type { ControlHandlers } from '../../admin/control-handlers.ts';
import { processes } from '../../otp/index.ts';
import { ProcessViews } from '../../runner/process-views.ts';
import type { NodeParts } from '../node-parts.ts';
import { applications } from './processes-applications.ts';
import { ANSWER_MS, askRunners } from './processes-ask.ts';
import { queues } from './processes-queues.ts';
import { restart } from './processes-restart.ts';
import { resumeSupervisors } from './processes-resume.ts';
import {
  processRow,
  serverRow,
  silentProcess,
  silentServer,
  silentSupervisor,
  supervisorRow,
} from './processes-rows.ts';

/** On top of the time that servers have to answer. */
const WIRE_MS = 500;

type Names =
  | 'processes'
  | 'supervisors'
  | 'gen_servers'
  | 'queues'
  | 'applications'
  | 'restart'
  | 'resume_supervisors';

export function processViews(node: NodeParts): Pick<ControlHandlers, Names> {
  // The host's parts own sockets and stores.
  const own = new ProcessViews(processes, false);
  return {
    processes: async () => {
      const answers = await askRunners(node.fleet, 'processes', { memory: true });
      const rows = own.processes(true).map((view) => processRow('host', view));
      for (const { runner, answer } of answers)
        if (answer) rows.push(...answer.processes.map((view) => processRow(runner.where, view)));
        else rows.push(silentProcess(runner.where));
      return rows;
    },
    supervisors: async () => {
      const answers = await askRunners(node.fleet, 'supervisors', {});
      const rows = own.supervisors().map((view) => supervisorRow('host', view));
      for (const { runner, answer } of answers)
        if (answer) rows.push(...answer.supervisors.map((view) => supervisorRow(runner.where, view)));
        else rows.push(silentSupervisor(runner.where));
      return rows;
    },
    gen_servers: async () => {
      const [mine, answers] = await Promise.all([
        own.servers(ANSWER_MS),
        askRunners(node.fleet, 'genServers', { timeoutMs: ANSWER_MS }, ANSWER_MS + WIRE_MS),
      ]);
      const rows = mine.map((view) => serverRow('host', view));
      for (const { runner, answer } of answers)
        if (answer) rows.push(...answer.servers.map((view) => serverRow(runner.where, view)));
        else rows.push(silentServer(runner.where));
      return rows;
    },
    queues: ({ all }) => queues(node, own.processes(false), all === true),
    applications: () => applications(node, own.processes(false)),
    restart: (params) => restart(node, own, params),
    resume_supervisors: () => resumeSupervisors(node, own),
  };
}
