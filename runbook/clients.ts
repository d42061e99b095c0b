/**
 * MCP clients at work while a scenario is played: the official SDKs, over HTTP and stdio, calling at a fixed rate. A request that
 * fails fails the scenario, unless the document says that it may.
 */
import { join } from 'node:path';
import { closeFleet, connectFleet, type FleetSize } from '../bench/demo/clients/fleet.ts';
import { Ledger } from '../bench/demo/ledger.ts';
import { type Failure, Load } from '../bench/demo/load.ts';
import { CLIENT_ERRORS } from '../src/errors/index.ts';
import { PROJECT } from './practice.ts';

const FLEET: FleetSize = { httpV1: 2, httpV2: 1, stdioV1: 1, stdioV2: 1 };
const CALLS_PER_SECOND = 40;

export interface ClientsReport {
  sent: number;
  /** Sentences on what went wrong and may not. */
  complaints: string[];
}

/** @param env of the shell: where the node is. Resolves with a function that ends the clients and tells how they fared. */
export async function startClients(
  env: Readonly<Record<string, string>>,
): Promise<(mayFailWith: readonly string[]) => Promise<ClientsReport>> {
  const stdio = { command: join(PROJECT, 'bin/erlmcp'), args: ['stdio'], env, stderr: 'ignore' };
  const clients = await connectFleet(new URL(`http://127.0.0.1:${env.ERLMCP_HTTP_PORT}/mcp`), stdio, FLEET);
  const ledger = new Ledger();
  const load = new Load(clients, ledger, CALLS_PER_SECOND);
  load.start();
  return async (mayFailWith) => {
    try {
      await load.drain();
      const complaints = load.failures.filter(({ error }) => !mayFail(error, mayFailWith)).map(tell);
      if (mayFailWith.length > 0) return { sent: load.sent, complaints };
      const found = await ledger.notesFound(clients);
      if (found < ledger.notesWritten)
        complaints.push(`${ledger.notesWritten - found} of ${ledger.notesWritten} notes are gone`);
      return { sent: load.sent, complaints };
    } finally {
      load.stop();
      await closeFleet(clients);
    }
  };
}

/** `runner_lost` and the like stand for their code or message, SDKs showing one or the other; any other word has to be in the message. */
export function mayFail(error: string, words: readonly string[]): boolean {
  const named: Readonly<Record<string, { code: number; message: string }>> = CLIENT_ERRORS;
  return words.some((word) => {
    const known = Object.hasOwn(named, word) ? named[word] : undefined;
    if (!known) return error.includes(word);
    return error.includes(`MCP error ${known.code}:`) || error.includes(known.message);
  });
}

const tell = ({ client, tool, error }: Failure): string => `${tool} of ${client}: ${error}`;
