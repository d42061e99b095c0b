/** What live clients are told after a switch: which lists changed, and to read again what they subscribe to. */
import { isDeepStrictEqual } from 'node:util';
import type { LiveSession, RunnerProcess } from '../host/index.ts';
import type { Surface } from '../wire/index.ts';
import type { UpgradeDeps } from './types.ts';

const TELL_MS = 10_000;

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
  for (const session of deps.sessions.live()) tellSubscriber(session);
  deps.router.tellListeners();
}

function tellSubscriber(session: LiveSession): void {
  for (const uri of Object.keys(session.record.subscriptions)) session.sink?.emit(updated({ uri }));
}

const updated = (params: Record<string, unknown>): Buffer =>
  Buffer.from(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/resources/updated', params }));
