/** Opens a store: one environment for each storage, in one folder. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { explainRead } from './bad-pages.ts';
import { Changes } from './changes.ts';
import type { EnvironmentOptions } from './environment.ts';
import { Partition } from './partition.ts';
import { TableStore } from './store.ts';
import type { Storage } from './types.ts';

export interface StoreOptions {
  /** Of the tables: `disc` and `ram` lie in it. */
  readonly dir: string;
  /** Default: `<dir>/ram`. */
  readonly ramDir?: string | undefined;
  /** Synchronous writes throw: for the host, whose main thread must not wait for another process. */
  readonly asyncOnly?: boolean | undefined;
  /** Nothing is created, tables that are not there are empty, writes throw. */
  readonly readOnly?: boolean | undefined;
  /** Bytes of address space per environment, default 16 GiB; a file that outgrows it is mapped again. */
  readonly mapSize?: number | undefined;
}

/** Opening takes the writer lock of each environment for an instant, on the calling thread, unless `readOnly`. */
export async function openStore(options: StoreOptions): Promise<TableStore> {
  const { dir, ramDir = ramDirOf(dir), asyncOnly, readOnly, mapSize } = options;
  const changes = new Changes();
  const common = { asyncOnly, readOnly, mapSize, changes };
  const disc = await openPartition('disc', { path: join(dir, 'disc'), sync: true, ...common });
  const ram = await openPartition('ram', { path: ramDir, sync: false, ...common });
  return new TableStore({ disc, ram }, changes);
}

async function openPartition(storage: Storage, options: EnvironmentOptions): Promise<Partition> {
  try {
    return await Partition.open(storage, options);
  } catch (error) {
    throw explainRead(error, { what: `the store ${options.path}` });
  }
}

const ramDirOf = (dir: string): string => join(dir, 'ram');

/** Empties the `ram` tables. For a node that boots, before any process opens the store. */
export async function emptyRam(dir: string, ramDir = ramDirOf(dir)): Promise<void> {
  for (const file of ['data.mdb', 'lock.mdb']) await rm(join(ramDir, file), { force: true });
}
