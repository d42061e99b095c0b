/** What can stand for an argument: from the node's home, or from the node while it answers at once. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ask } from '../command.ts';

/** A person waits for it with a finger on the key. */
const LIVE_MS = 500;

export async function argumentValues(command: string, home: string): Promise<string[]> {
  if (command === 'upgrade' || command === 'downgrade') return versions(home);
  return command === 'restart' ? names(home) : [];
}

/** Of packages that can be installed and of releases that are. */
async function versions(home: string): Promise<string[]> {
  const [packages, releases] = await Promise.all([
    filesIn(join(home, 'packages')),
    filesIn(join(home, 'releases')),
  ]);
  const packed = packages.flatMap((name) => /^erlmcp-(.+)\.tar\.gz$/.exec(name)?.[1] ?? []);
  const unpacked = releases.filter((name) => /^\d/.test(name));
  return [...new Set([...packed, ...unpacked])].sort();
}

const filesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

/** Names with characters that the shell would not leave alone are left out. */
async function names(home: string): Promise<string[]> {
  const rows = await ask(home, 'registry', {}, performance.now() + LIVE_MS);
  return [...new Set(rows.map(({ name }) => name))].filter((name) => /^[\w.@-]+$/.test(name)).sort();
}
