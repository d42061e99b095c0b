/** Tells the clients of all open sessions that lists have changed: a few at a time, so that neither this runner nor the host is held up. */
import { setTimeout as rest } from 'node:timers/promises';
import type { RunnerCalls } from '../wire/index.ts';
import { type Product, serverOf } from './call-end.ts';
import type { Channels } from './channels.ts';

type Lists = RunnerCalls['listChanged'][0];

const AT_ONCE = 20;
/** What the host does with that many messages takes it about as long. */
const REST_MS = 5;

/** @returns how many instances there are */
export async function tellListChanged(channels: Channels, lists: Lists): Promise<number> {
  await channels.hydrated();
  const products = channels.products();
  for (const [index, product] of products.entries()) {
    // One whose client has gone meanwhile can not be told.
    await tell(product, lists).catch(() => undefined);
    if (index % AT_ONCE === AT_ONCE - 1) await rest(REST_MS);
  }
  return products.length;
}

/** Each instance tells its client, if it has said that it would. */
async function tell(product: Product, lists: Lists): Promise<void> {
  const server = serverOf(product);
  const { tools, prompts, resources } = server.getCapabilities();
  if (lists.tools && tools?.listChanged) await server.sendToolListChanged();
  if (lists.prompts && prompts?.listChanged) await server.sendPromptListChanged();
  if (lists.resources && resources?.listChanged) await server.sendResourceListChanged();
}
