/** What there is of each installed release, damaged ones too: for whoever lists them, and starts none. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { releaseFolder } from './locations.ts';
import { MANIFEST_FILE, type Manifest } from './manifest.ts';
import type { ReleaseStore } from './release-store.ts';

export interface ReleaseSummary {
  vsn: string;
  /** Undefined where the release is not what was installed. */
  manifest: Manifest | undefined;
  /** Whether its package is in packages/ too. */
  package: boolean;
  /** Of its files. */
  bytes: number;
  installed: Date;
}

/** The newest version first. Each release's files are compared with the manifest's digests. */
export async function releaseSummaries(store: ReleaseStore): Promise<ReleaseSummary[]> {
  const packages = new Set(await store.packages());
  const summaries: ReleaseSummary[] = [];
  for (const vsn of (await store.list()).reverse()) {
    const manifest = await store.manifest(vsn).catch(() => undefined);
    const files = await filesOf(releaseFolder(store.home, vsn));
    // A release that is removed meanwhile.
    if (files) summaries.push({ vsn, manifest, package: packages.has(vsn), ...files });
  }
  return summaries;
}

/** A release's files are written when it is installed, and never again. */
async function filesOf(folder: string): Promise<{ bytes: number; installed: Date } | undefined> {
  try {
    const names = await readdir(folder);
    const files = await Promise.all(names.map((name) => stat(join(folder, name))));
    const written = files[names.indexOf(MANIFEST_FILE)] ?? (await stat(folder));
    return { bytes: files.reduce((sum, { size }) => sum + size, 0), installed: written.mtime };
  } catch {
    return undefined;
  }
}
