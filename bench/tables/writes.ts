/**
 * Rule 10 of state under load: a call that writes 10,000 rows a second goes on through a whole upgrade. Of what it writes during the check
 * the old runner checks the keys in `load_modules`, and the rest as it is written, so that nothing is left to check at the switch.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { buildVariant } from '../../examples/workspace/variants.ts';
import { type NodeUnderTest, startNode } from '../node-under-test.ts';
import { seedNotes } from '../seed-notes.ts';
import { operate, waitingMs } from './switch.ts';

const WRITER = '2.1.1';
const NEWER = '3.0.0';
const PER_SECOND = 10_000;
const ROWS = 300_000;
/** Longer than an upgrade takes. */
const SECONDS = 20;
const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const REVISION = '2025-11-25';

/** Milliseconds, a number per round. */
export interface WriteTimings {
  readonly writing: boolean;
  /** Rows a second, as the writer itself counted what was acknowledged. */
  readonly rate: number[];
  readonly trackedRows: number[];
  readonly trackedMs: number[];
  readonly switch: number[];
  readonly upgrade: number[];
}

const TOOL = `
  server.registerTool('note_burst', { description: 'Writes for some seconds.', inputSchema: z.object({ seconds: z.number(), rate: z.number() }) }, async ({ seconds, rate }, { mcpReq }) => {
    const began = performance.now();
    let written = 0;
    while (performance.now() - began < seconds * 1000 && !mcpReq.signal.aborted) {
      const due = Math.min(500, Math.floor(((performance.now() - began) / 1000) * rate) - written);
      await Promise.all(Array.from({ length: Math.max(0, due) }, (_, at) => notes.put({ id: \`w\${written + at}\`, text: 'written during an upgrade' })));
      written += Math.max(0, due);
      if (due <= 0) await new Promise((done) => setTimeout(done, 5));
    }
    return toolResult({ written, ms: performance.now() - began });
  });
`;

async function addWriter(home: string): Promise<void> {
  const edit = async (folder: string): Promise<void> => {
    const file = join(folder, 'note-tools.ts');
    const head = 'export function registerNoteTools(server: McpServer): void {';
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replace(head, () => `${head}${TOOL}`),
    );
  };
  await buildVariant({ vsn: WRITER, base: '2.1.0', edit }, join(home, 'packages'));
}

interface Burst {
  readonly written: number;
  readonly ms: number;
}

async function session(url: string): Promise<Record<string, string>> {
  const clientInfo = { name: 'bench', version: '1.0.0' };
  const params = { protocolVersion: REVISION, capabilities: {}, clientInfo };
  const answer = await post(url, HEADERS, { id: 1, method: 'initialize', params });
  await answer.text();
  const id = answer.headers.get('mcp-session-id') ?? '';
  return { ...HEADERS, 'mcp-session-id': id, 'mcp-protocol-version': REVISION };
}

const post = (url: string, headers: Record<string, string>, message: object): Promise<Response> =>
  fetch(url, { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', ...message }) });

async function burst(node: NodeUnderTest): Promise<Burst> {
  const url = `http://127.0.0.1:${node.httpPort}/mcp`;
  const params = { name: 'note_burst', arguments: { seconds: SECONDS, rate: PER_SECOND } };
  const answer = await post(url, await session(url), { id: 2, method: 'tools/call', params });
  const found = /"structuredContent":(\{[^}]*\})/.exec(await answer.text())?.[1];
  if (found === undefined) throw new Error('the writer gave no answer');
  return JSON.parse(found) as Burst;
}

/** Of the latest upgrade, as its log tells. */
async function tracked({ home }: NodeUnderTest): Promise<{ rows: number; ms: number }> {
  const log = await readFile(join(home, 'log/upgrade.log'), 'utf8');
  const [, rows, ms] =
    [...log.matchAll(/written during the check.*rows[="]+:?(\d+).*ms[="]+:?(\d+)/g)].at(-1) ?? [];
  if (rows === undefined) throw new Error('the upgrade has not checked what was written meanwhile');
  return { rows: Number(rows), ms: Number(ms) };
}

async function round(node: NodeUnderTest, timings: WriteTimings, counts: boolean): Promise<void> {
  const writing = timings.writing ? burst(node) : undefined;
  if (writing) await pause(1_000);
  const up = await operate(node, 'upgrade.sh', NEWER, '--allow-breaking');
  const checked = await tracked(node);
  const { written, ms } = (await writing) ?? { written: 0, ms: 1 };
  await operate(node, 'downgrade.sh', WRITER);
  const rate = (written * 1_000) / ms;
  console.log(
    `${Math.round(rate)} writes/s: ${checked.rows} rows in ${checked.ms} ms, switch ${waitingMs(up).toFixed(1)} ms, upgrade ${up.ms} ms`,
  );
  if (!counts) return;
  timings.rate.push(rate);
  timings.trackedRows.push(checked.rows);
  timings.trackedMs.push(checked.ms);
  timings.switch.push(waitingMs(up));
  timings.upgrade.push(up.ms);
}

/** The first round of each is not counted: it unpacks the release, and makes the rows. */
export async function measureWrites(rounds: number): Promise<WriteTimings[]> {
  console.log(`a node of ${ROWS} rows, of which a call writes ${PER_SECOND} a second …`);
  const prepare = async (home: string): Promise<void> => {
    await seedNotes(home, ROWS);
    await addWriter(home);
  };
  const node = await startNode({ release: WRITER, prepare });
  const none = { rate: [], trackedRows: [], trackedMs: [], switch: [], upgrade: [] };
  const all: WriteTimings[] = [false, true].map((writing) => ({ writing, ...structuredClone(none) }));
  try {
    for (let at = -1; at < rounds; at += 1) for (const timings of all) await round(node, timings, at >= 0);
    return all;
  } finally {
    await node.stop();
  }
}
