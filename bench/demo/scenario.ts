/** The three acts: an upgrade, a faulty one that takes itself back, a downgrade; each under load and with long calls in flight. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeUnderTest } from '../node-under-test.ts';
import type { DemoClient } from './clients/client.ts';
import type { Whoami } from './ledger.ts';
import type { Load } from './load.ts';
import { type Operation, runScript } from './operation.ts';
import type { Progress } from './progress.ts';

export interface Act extends Operation {
  title: string;
  /** What `whoami` said to every client once the script was through, each answer once. */
  answers: Whoami[];
  /** Clients that were not told `list_changed` since the act began. */
  untold: string[];
}

export interface Stage {
  node: NodeUnderTest;
  clients: readonly DemoClient[];
  load: Load;
  progress: Progress;
}

export const SLEEP_MS = 10_000;
const SLEEPERS = 8;
const TOLD_WITHIN_MS = 5_000;
const ANSWER_WITHIN_MS = 10_000;

export async function askAll(clients: readonly DemoClient[]): Promise<Whoami[]> {
  const answers = await Promise.all(clients.map((client) => client.call('whoami', {}, ANSWER_WITHIN_MS)));
  const distinct = new Map(answers.map((answer) => [JSON.stringify(answer), answer]));
  return [...distinct.values()].map(({ version, pid }) => ({ version: String(version), pid: Number(pid) }));
}

/** Some of every kind of client, the kinds being next to each other in the list. */
function everyNth(clients: readonly DemoClient[], count: number): DemoClient[] {
  return Array.from({ length: count }, (_, index) => clients[Math.floor((index * clients.length) / count)]!);
}

async function untoldClients(clients: readonly DemoClient[], before: readonly number[]): Promise<string[]> {
  const untold = (): DemoClient[] => clients.filter(({ seen }, index) => seen.listChanged <= before[index]!);
  for (const deadline = Date.now() + TOLD_WITHIN_MS; untold().length > 0 && Date.now() < deadline; )
    await sleep(20);
  return untold().map(({ name }) => name);
}

interface Script {
  title: string;
  script: 'upgrade.sh' | 'downgrade.sh';
  version: string;
  /** Whether other tools serve afterwards, so that the clients have to be told. */
  switches: boolean;
}

export const SCRIPTS: readonly Script[] = [
  { title: 'upgrade', script: 'upgrade.sh', version: '3.0.0', switches: true },
  { title: 'faulty upgrade', script: 'upgrade.sh', version: '3.0.1', switches: false },
  { title: 'downgrade', script: 'downgrade.sh', version: '2.1.0', switches: true },
];

export async function play({ title, script, version, switches }: Script, stage: Stage): Promise<Act> {
  const { node, clients, load, progress } = stage;
  const before = clients.map(({ seen }) => seen.listChanged);
  load.sleep(everyNth(clients, SLEEPERS), SLEEP_MS);
  await sleep(300);
  progress.line(`$ scripts/${script} ${version}`);
  const operation = await runScript(node, script, version, (line) => progress.line(`  ${line}`));
  const answers = await askAll(clients);
  const untold = switches ? await untoldClients(clients, before) : [];
  const heard = switches
    ? `, ${clients.length - untold.length} of ${clients.length} clients told list_changed`
    : '';
  progress.line(
    `whoami: ${answers.map((answer) => `${answer.version} from pid ${answer.pid}`).join(', ')}${heard}`,
  );
  return { ...operation, title, answers, untold };
}
