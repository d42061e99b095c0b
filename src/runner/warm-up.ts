/**
 * The warm-up of a new runner: it answers probe traffic of its own, in both eras and through the channels that clients use, until the code
 * is compiled. Nothing of it is seen outside: no frame, no measurement, no write, no message to a server.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { McpServerFactory } from '@modelcontextprotocol/server';
import type { ExampleReport, Replay, WarmUpReport } from '../wire/index.ts';
import { argumentsOf, type ToolExample } from './examples.ts';
import { InnerClient, readList, replayOf } from './inner-client.ts';
import { inIsolation } from './isolation.ts';
import type { Outgoing } from './json-rpc.ts';

/** Of the whole; examples that take long make for fewer rounds. */
const WARM_UP_MS = 3_000;
/** An example that takes longer is not called again. */
const EXAMPLE_DEADLINE_MS = 1_000;
const MAX_PROBLEM = 300;

export interface WarmUp {
  factory: McpServerFactory;
  examples: readonly ToolExample[];
  /** At most; ended early by the clock. */
  rounds: number;
  /** Called before each round, as it is before each batch of the host's messages. */
  refresh(): void;
}

interface Trial {
  readonly example: ToolExample;
  readonly report: ExampleReport;
}

export const warmUp = (options: WarmUp): Promise<WarmUpReport> => inIsolation(() => answerProbes(options));

async function answerProbes({ factory, examples, rounds, refresh }: WarmUp): Promise<WarmUpReport> {
  const clients = [await InnerClient.open(factory, '2025'), await InnerClient.open(factory, '2026')] as const;
  const [legacy] = clients;
  const trials = examples.map((example): Trial => ({ example, report: { tool: example.tool, calls: 0 } }));
  const ends = performance.now() + WARM_UP_MS;
  let requests = 1;
  try {
    const hello = await legacy.initialize();
    const revision = hello.result?.protocolVersion;
    await rejectUnsafe(trials, legacy);
    for (let round = 0; round < rounds && performance.now() < ends; round++) {
      await nextTurn();
      refresh();
      if (typeof revision === 'string') await rebuildSession(factory, replayOf(revision));
      for (const client of clients) requests += await probe(client, trials);
      requests++;
    }
  } finally {
    for (const client of clients) await client.close();
  }
  return { requests, examples: trials.map(({ report }) => report) };
}

/** Each session that was open before the switch needs its instance soon after it. */
async function rebuildSession(factory: McpServerFactory, replay: Partial<Replay>): Promise<void> {
  const client = await InnerClient.open(factory, '2025', replay);
  try {
    await client.request('ping');
  } finally {
    await client.close();
  }
}

/** Only what its own release says to change nothing is called. */
async function rejectUnsafe(trials: readonly Trial[], client: InnerClient): Promise<void> {
  const tools = await readList(client, 'tools/list', 'tools');
  const byName = new Map(tools.map(({ name, annotations }) => [name, annotations]));
  for (const { report } of trials) {
    const annotations = byName.get(report.tool) as { readOnlyHint?: unknown } | undefined;
    if (!byName.has(report.tool)) report.problem = 'there is no tool of this name';
    else if (annotations?.readOnlyHint !== true)
      report.problem = 'the tool is not annotated with readOnlyHint: true';
  }
}

/** A list, and a call of each example that has gone well so far. @returns how many requests that were */
async function probe(client: InnerClient, trials: readonly Trial[]): Promise<number> {
  let requests = 1;
  await client.request('tools/list');
  for (const { example, report } of trials) {
    if (report.problem !== undefined) continue;
    // Between two that take long the host is told that this runner lives.
    await nextTurn();
    try {
      if (!(await callExample(client, example))) continue;
      report.calls++;
    } catch (error) {
      report.problem = brief(error instanceof Error ? error.message : String(error));
    }
    requests++;
  }
  return requests;
}

/** @returns false where there is nothing to call the tool with. Throws what was wrong with the answer. */
async function callExample(client: InnerClient, example: ToolExample): Promise<boolean> {
  const args = argumentsOf(example);
  if (args === undefined) return false;
  const params = { name: example.tool, arguments: args };
  const started = performance.now();
  const answer = await client.request('tools/call', params, EXAMPLE_DEADLINE_MS);
  const ms = Math.round(performance.now() - started);
  if (answer.error) throw new Error(answer.error.message);
  if (answer.result?.isError === true) throw new Error(textOf(answer.result));
  if (answer.result?.resultType === 'input_required') throw new Error('it asks its client for something');
  if (ms > EXAMPLE_DEADLINE_MS) throw new Error(`it took ${ms} ms`);
  return true;
}

const textOf = (result: NonNullable<Outgoing['result']>): string =>
  (result.content as { text?: string }[] | undefined)?.find(({ text }) => text)?.text ??
  'it answered with an error';

/** One line of a log. */
const brief = (text: string): string => {
  const line = text.replace(/\s*\n\s*/g, ' ').trim();
  return line.length > MAX_PROBLEM ? `${line.slice(0, MAX_PROBLEM)}…` : line;
};
