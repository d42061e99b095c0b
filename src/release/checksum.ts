/** Package checksums in the format of `sha256sum`: `<hex>  <file>`, in `<package>.sha256` beside the package. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { OperatorError, tuple } from '../errors/index.ts';
import { vsnOfPackage } from './locations.ts';

/** Bytes. A package is read whole, so that what is verified is what is unpacked. */
export const MAX_PACKAGE_BYTES = 64 * 1024 * 1024;

export interface VerifiedPackage {
  path: string;
  /** Base name of the file. */
  file: string;
  sha256: string;
  /** The package itself, exactly the bytes that the checksum covers. */
  content: Buffer;
}

export const sha256 = (content: Buffer | string): string =>
  createHash('sha256').update(content).digest('hex');

export const checksumLine = (file: string, digest: string): string => `${digest}  ${file}\n`;

/** Reads a package and compares it with its `.sha256`. Throws `OperatorError`; nothing is written. */
export async function verifyPackage(path: string): Promise<VerifiedPackage> {
  const file = basename(path);
  const content = await readPackage(path, file);
  const expected = await readChecksum(path, file);
  const actual = sha256(content);
  if (actual !== expected) {
    throw new OperatorError(
      tuple('checksum_mismatch', file, expected, actual),
      'the package is not the one that the checksum was made for.',
      'Copy the package and its .sha256 again, then retry.',
    );
  }
  return { path, file, sha256: actual, content };
}

async function readPackage(path: string, file: string): Promise<Buffer> {
  const { size } = await stat(path).catch((cause: unknown) => {
    throw new OperatorError(
      tuple('package_not_found', vsnOfPackage(file) ?? file, path),
      'there is no such package.',
      'Build it with `erlmcp release build`, or copy it there with its .sha256.',
      { cause },
    );
  });
  if (size > MAX_PACKAGE_BYTES) {
    throw new OperatorError(
      tuple('bad_package', file, tuple('too_large', size, MAX_PACKAGE_BYTES)),
      'the package is larger than a package may be (bytes).',
      'Check that the file is what it should be.',
    );
  }
  return await readFile(path);
}

async function readChecksum(path: string, file: string): Promise<string> {
  const sumFile = `${path}.sha256`;
  const text = await readFile(sumFile, 'utf8').catch((cause: unknown) => {
    throw new OperatorError(
      tuple('checksum_missing', file, sumFile),
      'a package is not used without its checksum.',
      'Copy the .sha256 that was built with it beside the package.',
      { cause },
    );
  });
  for (const line of text.split('\n')) {
    const match = /^([0-9a-fA-F]{64}) [ *](.+)$/.exec(line.trimEnd());
    if (match?.[1] !== undefined && match[2] === file) return match[1].toLowerCase();
  }
  throw new OperatorError(
    tuple('checksum_missing', file, sumFile),
    'the checksum file has no line `<sha256>  <package>` for it.',
    'Write it anew with `sha256sum` where the package was built.',
  );
}
