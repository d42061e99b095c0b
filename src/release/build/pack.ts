/** Packs files into a `.tar.gz` that depends on their content alone: fixed order, times, owners and modes. */
import type { KeyObject } from 'node:crypto';
import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { create } from 'tar';
import { checksumLine, sha256 } from '../checksum.ts';
import { signaturePath, signPackage } from '../signature.ts';

const MODE = 0o644;

/** Writes package, checksum and, with a key, signature; each appears whole. @returns the package's SHA-256. */
export async function writePackage(
  files: Readonly<Record<string, string>>,
  scratch: string,
  target: string,
  key?: KeyObject,
): Promise<string> {
  const names = Object.keys(files).sort();
  for (const name of names) {
    await writeFile(join(scratch, name), files[name] ?? '');
    await chmod(join(scratch, name), MODE);
  }
  const archive = await collect(
    create({ cwd: scratch, gzip: { level: 9 }, portable: true, noPax: true, mtime: new Date(0) }, names),
  );
  const digest = sha256(archive);
  const signature = key && (await signPackage(archive, key));
  // The old ones go first: at no time does a checksum or a signature stand beside a package that it was not made for.
  await rm(`${target}.sha256`, { force: true });
  await rm(signaturePath(target), { force: true });
  await writeWhole(target, archive);
  await writeWhole(`${target}.sha256`, checksumLine(basename(target), digest));
  if (signature !== undefined) await writeWhole(signaturePath(target), signature);
  return digest;
}

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function writeWhole(path: string, content: Buffer | string): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  try {
    await writeFile(part, content);
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}
