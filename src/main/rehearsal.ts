/**
 * The copies that dry runs rehearse with: all tables, in a folder of their own beside the node's. What a node that died has left of them
 * is removed when it boots.
 */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OperatorError, tuple } from '../errors/index.ts';
import { diskFree, MIN_DISK_MB } from '../observability/health/index.ts';
import type { Manifest } from '../release/index.ts';
import { openStore } from '../tables/index.ts';
import type { TablesCopy } from '../upgrade/index.ts';
import type { NodeParts } from './node-parts.ts';

const PREFIX = 'rehearsal-';
const FILES = ['disc/data.mdb', 'ram/data.mdb'];
const MB = 1024 * 1024;

/** @throws OperatorError `{disk_full, rehearsal}` */
export async function copyTables(node: NodeParts, target: Manifest): Promise<TablesCopy> {
  const { data } = node.paths;
  await checkRoom(data);
  const dir = await mkdtemp(join(data, PREFIX));
  const remove = (): Promise<void> => rm(dir, { recursive: true, force: true, maxRetries: 3 });
  try {
    await node.tables.maintenance.copyTo(dir);
    await forgetOthers(node, target, dir);
    return { dir, bytes: await bytesOf(dir), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** When no runner of an earlier life uses them any more. */
export async function removeCopies(data: string): Promise<void> {
  for (const name of await readdir(data))
    if (name.startsWith(PREFIX)) await rm(join(data, name), { recursive: true, force: true });
}

async function checkRoom(data: string): Promise<void> {
  const needed = MIN_DISK_MB + Math.ceil((await bytesOf(data)) / MB);
  const { status = 'healthy', value } = await diskFree(data, needed).read();
  if (status === 'healthy') return;
  throw new OperatorError(
    tuple('disk_full', 'rehearsal'),
    `The rehearsal copies the tables: there is ${value} free under ${data}, and ${needed} MB is needed.`,
    'Free disk space and try again.',
  );
}

async function bytesOf(dir: string): Promise<number> {
  const sizes = FILES.map(async (file) => (await stat(join(dir, file)).catch(() => ({ size: 0 }))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** In the copy what an upgrade does in the node: tables of an earlier build that were never used come again as they are now. */
async function forgetOthers({ fleet, tables }: NodeParts, target: Manifest, dir: string): Promise<void> {
  const loaded = [...fleet.runners].filter(({ state }) => state !== 'starting');
  const inUse = new Set(loaded.flatMap(({ declaration }) => declaration.tables.map(({ name }) => name)));
  const stored = new Set(tables.tables().map(({ name }) => name));
  const unused = target.tables.filter(({ name }) => stored.has(name) && !inUse.has(name));
  if (unused.length === 0) return;
  const copy = await openStore({ dir, asyncOnly: true });
  try {
    for (const table of unused) await copy.forgetIfOther(table);
  } finally {
    await copy.close();
  }
}
