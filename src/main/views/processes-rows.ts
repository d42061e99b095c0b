/** The rows of `processes`, `supervisors` and `gen_servers`: what host and runners tell, in the words of the control API. */
import type { GenServerRow, ProcessRow, SupervisorRow } from '../../control/index.ts';
import type { ProcessView, ServerView, SupervisorView } from '../../wire/index.ts';

export const processRow = (where: string, view: ProcessView): ProcessRow => ({
  pid: view.pid,
  name: view.name,
  where,
  kind: view.kind,
  status: view.status,
  mailbox: view.mailbox,
  handled: view.handled,
  memory_bytes: view.memoryBytes,
  current: view.current,
});

export const silentProcess = (where: string): ProcessRow => ({
  pid: null,
  name: null,
  where,
  kind: 'runner',
  status: 'no_answer',
  mailbox: null,
  handled: null,
  memory_bytes: null,
  current: null,
});

export const supervisorRow = (where: string, view: SupervisorView): SupervisorRow => ({
  id: view.id,
  name: view.name,
  pid: view.pid,
  where,
  depth: view.depth,
  kind: view.kind,
  restart: view.restart,
  status: view.status,
  strategy: view.strategy,
  restarts: view.restarts,
  intensity: view.intensity,
  period_s: view.periodMs === null ? null : view.periodMs / 1_000,
});

export const silentSupervisor = (where: string): SupervisorRow => ({
  id: where,
  name: null,
  pid: null,
  where,
  depth: 0,
  kind: 'runner',
  restart: null,
  status: 'no_answer',
  strategy: null,
  restarts: null,
  intensity: null,
  period_s: null,
});

export const serverRow = (where: string, view: ServerView): GenServerRow => ({
  name: view.name,
  pid: view.pid,
  where,
  version: view.version,
  supervisor: view.supervisor,
  status: view.status,
  mailbox: view.mailbox,
  handled: view.handled,
  answer_ms: view.answerMs === null ? null : Math.round(view.answerMs * 100) / 100,
  since: new Date(view.startedAt).toISOString(),
});

export const silentServer = (where: string): GenServerRow => ({
  name: null,
  pid: null,
  where,
  version: null,
  supervisor: null,
  status: 'no_answer',
  mailbox: null,
  handled: null,
  answer_ms: null,
  since: null,
});
