/**
 * Releases with a second application, `lab`, of type temporary: its server crashes, waits and hangs in its hooks when a test
 * says so. A file in the node's home holds it: `hold-call`, `hold-suspended`, `hold-resumed`, `hold-codeChange`; it answers with
 * one of its own: `held-call`.
 */

import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import { buildVariant } from '../../examples/workspace/variants.ts';
import { replaceIn } from './edit-sources.ts';
import type { SessionClient } from './mcp.ts';
import { type CommandResult, eventually, makeHome, type TestNode } from './test-node.ts';

export const LAB_BEFORE = '4.0.0';
export const LAB_AFTER = '4.1.0';

export type Held = 'call' | 'suspended' | 'resumed' | 'codeChange';

const SERVER = `
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { genServer, noreply, reply } from 'erlmcp';

const held = async (what: string): Promise<void> => {
  const file = (prefix: string) => join(process.env.ERLMCP_HOME ?? '', prefix + what);
  if (existsSync(file('hold-'))) writeFileSync(file('held-'), '');
  while (existsSync(file('hold-'))) await delay(10);
};

export interface Lab { text: string; calls: number }

export const lab = genServer<Lab, { ping: () => { calls: number }; wait: () => { calls: number }; crash: () => never; keep: (bytes: number) => number }, { note: () => void }>({
  name: 'lab',
  version: VERSION,
  init: () => ({ text: '', calls: 0 }),
  async handleCall(request, _from, state) {
    if (request[0] === 'crash') throw new Error('the lab has blown up');
    if (request[0] === 'wait') await held('call');
    if (request[0] === 'keep') return reply(request[1], { ...state, text: 'x'.repeat(request[1]) });
    const next = { ...state, calls: state.calls + 1 };
    return reply({ calls: next.calls }, next);
  },
  handleCast: (_message, state) => noreply(state),
  codeChange: async (_version, state) => {
    await held('codeChange');
    return state as Lab;
  },
  suspended: async () => { await held('suspended'); },
  // Of the second release only: the way back is free.
  resumed: async () => { if (Number('VERSION') === 2) await held('resumed'); },
});
`;

const APPLICATION_BEFORE = `
import { defineApplication, table } from 'erlmcp';
import appup from './lab-appup.ts';
import { lab } from './lab-server.ts';

const samples = table<{ id: string }, string>({ name: 'samples', version: 1, key: 'id', storage: 'ram' });

export default defineApplication({
  name: 'lab', vsn: '1.0.0', type: 'temporary', applications: ['workspace'], tables: [samples],
  children: [{ id: 'lab', start: lab }], appup,
});
`;

/** Another version number, supervisor, kind of restart and type, and no table. */
const APPLICATION_AFTER = `
import { defineApplication } from 'erlmcp';
import { supervisor } from 'erlmcp/otp';
import appup from './lab-appup.ts';
import { lab } from './lab-server.ts';

const bench = supervisor({
  name: 'lab_bench', strategy: 'rest_for_one', intensity: 2, periodMs: 60_000,
  children: [{ id: 'server', start: lab, restart: 'transient' }],
});

export default defineApplication({
  name: 'lab', vsn: '1.1.0', type: 'transient',
  children: [{ id: 'bench', start: bench }], appup,
});
`;

const appup = (version: number): string => `
import { defineAppup } from 'erlmcp';
const same = (state: { text: string; calls: number }) => state;
export default defineAppup({
  application: 'lab', tables: {},
  servers: { lab: [{ version: 1 }${version === 2 ? ', { version: 2, lens: { up: same, down: same } }' : ''}] },
});
`;

const TOOL = `
  server.registerTool(
    'lab',
    { inputSchema: z.object({ request: z.array(z.any()), times: z.int().optional() }) },
    async ({ request, times }) => {
      if (request[0] === 'note') for (let at = 0; at < (times ?? 1); at++) cast(lab, ['note']);
      else if (request[0] === 'sys') await processes.system('lab', [request[1]] as never);
      else return toolResult({ answer: await call(lab, request as never, { timeout: 60_000 }) });
      return toolResult({});
    },
  );
  server.registerTool(
    'echo',
    { inputSchema: z.object({ text: z.string() }) },
    ({ text }) => toolResult({ length: text.length }),
  );
`;

async function edit(folder: string, version: 1 | 2): Promise<void> {
  const application = version === 1 ? APPLICATION_BEFORE : APPLICATION_AFTER;
  await writeFile(join(folder, 'lab.ts'), application);
  await writeFile(join(folder, 'lab-server.ts'), SERVER.replaceAll('VERSION', String(version)));
  await writeFile(join(folder, 'lab-appup.ts'), appup(version));
  await replaceIn(join(folder, 'erlmcp.release.json'), '["workspace.ts"]', '["workspace.ts", "lab.ts"]');
  await replaceIn(join(folder, 'appup.ts'), 'export default defineAppup', 'const workspace = defineAppup');
  await writeFile(
    join(folder, 'appup.ts'),
    `${await readFile(join(folder, 'appup.ts'), 'utf8')}\nimport labAppup from './lab-appup.ts';\nexport default [workspace, labAppup];\n`,
  );
  const workspace = join(folder, 'workspace.ts');
  await replaceIn(workspace, 'import appup from', 'import appups from');
  await replaceIn(workspace, '  appup,\n', '  appup: appups[0]!,\n');
  const tools = join(folder, 'system-tools.ts');
  await replaceIn(
    tools,
    "import { call } from 'erlmcp';",
    "import { call, cast } from 'erlmcp';\nimport { processes } from 'erlmcp/otp';\nimport { lab } from './lab-server.ts';",
  );
  await replaceIn(
    tools,
    "  server.registerTool(\n    'whoami'",
    `${TOOL}  server.registerTool(\n    'whoami'`,
  );
}

let folder: Promise<string> | undefined;

/** Both packages, built once for a test file. */
async function buildLab(): Promise<string> {
  const built = await mkdtemp(join(tmpdir(), 'erlmcp-lab-'));
  await buildVariant({ vsn: LAB_BEFORE, edit: (sources) => edit(sources, 1) }, built);
  await buildVariant({ vsn: LAB_AFTER, edit: (sources) => edit(sources, 2) }, built);
  return built;
}

afterAll(async () => {
  const built = await folder;
  if (built !== undefined) await rm(built, { recursive: true, force: true });
});

/** Puts both into a node's packages. */
async function addLab({ home }: TestNode): Promise<void> {
  folder ??= buildLab();
  for (const vsn of [LAB_BEFORE, LAB_AFTER])
    for (const suffix of ['', '.sha256'])
      await copyFile(
        join(await folder, `erlmcp-${vsn}.tar.gz${suffix}`),
        join(home, 'packages', `erlmcp-${vsn}.tar.gz${suffix}`),
      );
}

/** More crashes than the supervisor of `lab` allows: the application ends. */
export async function failLab(client: SessionClient): Promise<void> {
  for (let crash = 0; crash < 4; crash++)
    await client.call('lab', { request: ['crash'] }).catch(() => undefined);
}

export const hold = ({ home }: TestNode, what: Held): Promise<void> =>
  writeFile(join(home, `hold-${what}`), '');

export const letGo = ({ home }: TestNode, what: Held): Promise<void> =>
  rm(join(home, `hold-${what}`), { force: true });

/** A running node of the first release, with these members of `erlmcp.json` too, which can be upgraded to the second; it is gone when the test is over. */
export async function startLab(
  times: { suspend_ms?: number } = {},
  config: Record<string, unknown> = {},
): Promise<TestNode> {
  const timeouts = { suspend_ms: 30_000, heartbeat_ms: 30_000, ...times };
  const node = await makeHome({ packages: [], config: { timeouts, ...config } });
  onTestFinished(() => node.remove());
  await addLab(node);
  await node.start('--release', LAB_BEFORE);
  return node;
}

/** Starts an upgrade, and waits until the server is held where `hold` was told to. */
export async function upgradeInto(
  node: TestNode,
  what: Exclude<Held, 'call'>,
): Promise<{ ended: Promise<CommandResult> }> {
  await hold(node, what);
  const ended = node.script('upgrade.sh', LAB_AFTER);
  await isHeld(node, what);
  return { ended };
}

/** Resolves when the server is held. */
export const isHeld = ({ home }: TestNode, what: Held): Promise<unknown> =>
  eventually(`a server held in ${what}`, () => existsSync(join(home, `held-${what}`)), 60_000);
