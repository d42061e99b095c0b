/**
 * `npm run demo`: a node in a temporary home, real clients at work on it, and under them an upgrade, a faulty upgrade and a
 * downgrade. Exits 1 unless nothing was lost. Takes about half a minute.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type NodeUnderTest, PROJECT, startNode } from '../node-under-test.ts';
import { closeFleet, connectFleet } from './clients/fleet.ts';
import { Ledger } from './ledger.ts';
import { Load } from './load.ts';
import { Progress } from './progress.ts';
import { report } from './report.ts';
import { type Act, askAll, play, SCRIPTS } from './scenario.ts';
import { conditions, FAULTY_PHASE, type Outcome } from './verdict.ts';

const CALLS_PER_SECOND = 240;
const WARM_UP_MS = 2_000;
const BETWEEN_ACTS_MS = 1_500;

async function perform(node: NodeUnderTest, progress: Progress): Promise<Outcome> {
  const env = node.env as Record<string, string>;
  const stdio = { command: join(PROJECT, 'bin/erlmcp'), args: ['stdio'], env };
  const clients = await connectFleet(new URL(`http://127.0.0.1:${node.httpPort}/mcp`), stdio);
  const ledger = new Ledger();
  const load = new Load(clients, ledger, CALLS_PER_SECOND);
  try {
    progress.line(
      `${clients.length} clients connected, each with an open stream; ${CALLS_PER_SECOND} calls/s from now on`,
    );
    const first = await askAll(clients);
    const pauses = monitorEventLoopDelay({ resolution: 1 });
    pauses.enable();
    const started = performance.now();
    load.start();
    progress.follow(() => `${load.sent} requests, ${load.failures.length} failed`);
    await sleep(WARM_UP_MS);

    const acts: Act[] = [];
    for (const script of SCRIPTS) {
      acts.push(await play(script, { node, clients, load, progress }));
      await sleep(BETWEEN_ACTS_MS);
    }
    progress.line('waiting for the calls in flight');
    await load.drain();
    const seconds = (performance.now() - started) / 1000;
    pauses.disable();
    progress.line('reading every note back');
    return {
      clients,
      first,
      acts,
      sent: load.sent,
      callsPerSecond: load.sent / seconds,
      samples: load.samples,
      failures: load.failures,
      notesWritten: ledger.notesWritten,
      notesFound: await ledger.notesFound(clients),
      counter: ledger.counterFaults(),
      upgradeLog: await readFile(join(node.home, 'log/upgrade.log'), 'utf8'),
      ownPauseMs: pauses.max / 1e6,
    };
  } finally {
    load.stop();
    progress.end();
    await closeFleet(clients);
  }
}

async function main(): Promise<number> {
  const progress = new Progress();
  progress.line('building the releases and starting a node on 2.1.0');
  const node = await startNode({ release: '2.1.0', fault: `${FAULTY_PHASE}:throw` });
  let good = false;
  try {
    const outcome = await perform(node, progress);
    const found = conditions(outcome);
    good = found.every(({ holds }) => holds);
    console.log(report(outcome, found));
  } finally {
    if (!good) console.error(`The node's home is kept for a look: ${node.home}`);
    await node.stop({ keepHome: !good });
  }
  console.log(good ? 'Nothing was lost.' : 'The demo failed.');
  return good ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 1;
});
