/** What live clients are told after a switch: which lists changed, and to read again what they subscribe to. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { LiveSession, RunnerProcess } from '../host/index.ts';
import type { Surface } from '../wire/index.ts';
import { newCapabilities } from './surface/compare-surfaces.ts';
import type { UpgradeDeps } from './types.ts';

/** For many thousands of sessions. */
const TELL_MS = 60_000;
const SUBSCRIBERS_AT_ONCE = 50;
/** Sessions that have a line of their own in the log. */
const MAX_NAMED = 100;

export async function tellClients(
  deps: UpgradeDeps,
  runner: RunnerProcess,
  before: Surface | undefined,
  after: Surface | undefined,
): Promise<void> {
  const lists = {
    tools: !isDeepStrictEqual(before?.tools, after?.tools),
    prompts: !isDeepStrictEqual(before?.prompts, after?.prompts),
    resources:
      !isDeepStrictEqual(before?.resources, after?.resources) ||
      !isDeepStrictEqual(before?.resourceTemplates, after?.resourceTemplates),
  };
  if (lists.tools || lists.prompts || lists.resources) await runner.call('listChanged', lists, TELL_MS);
  for (const [index, session] of [...deps.sessions.live()].entries()) {
    tellSubscriber(session);
    if (index % SUBSCRIBERS_AT_ONCE === SUBSCRIBERS_AT_ONCE - 1) await nextTurn();
  }
  if (before && after) nameUntold(deps, newCapabilities(before, after));
  deps.router.tellListeners();
}

/** A client that is connected goes on with the capabilities that its `initialize` was answered with. */
function nameUntold({ sessions, store, log }: UpgradeDeps, capabilities: readonly string[]): void {
  if (capabilities.length === 0) return;
  const { since = Date.now() } = store.active() ?? {};
  const untold = [...sessions.live()].filter(({ durable, record }) => durable && record.createdAt < since);
  const list = capabilities.join(', ');
  for (const { id } of untold.slice(0, MAX_NAMED))
    log.info(`Session ${id} learns of ${list} only when its client initializes anew`);
  if (untold.length > MAX_NAMED) log.info(`So do ${untold.length - MAX_NAMED} more sessions that are in use`);
}

function tellSubscriber(session: LiveSession): void {
  for (const uri of Object.keys(session.record.subscriptions)) session.sink?.emit(updated({ uri }));
}

const updated = (params: Record<string, unknown>): Buffer =>
  Buffer.from(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/resources/updated', params }));
