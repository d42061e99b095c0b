/**
 * Reads a package into memory. What comes out has exactly the files of a package and matches the manifest's digests,
 * or nothing comes out; the archive chooses no name under which anything is written.
 */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { OperatorError, type Term, tuple } from '../errors/index.ts';
import { sha256, type VerifiedPackage } from './checksum.ts';
import { APPUP_FILE, MANIFEST_FILE, type Manifest, parseManifest, RUNNER_FILE } from './manifest.ts';

/** Bytes of the unpacked archive: a bound on what a small package can blow up to. */
const MAX_UNPACKED_BYTES = 128 * 1024 * 1024;

const FILES = [MANIFEST_FILE, RUNNER_FILE, APPUP_FILE] as const;
type FileName = (typeof FILES)[number];

export interface UnpackedPackage {
  manifest: Manifest;
  files: Readonly<Record<FileName, Buffer>>;
}

/** Why a package is refused: the term of `{bad_package, File, Term}`, and the sentence. */
class Refused extends Error {
  readonly term: Term;
  constructor(term: Term, sentence: string) {
    super(sentence);
    this.term = term;
  }
}

/** Throws `{bad_package, File, Reason}`. */
export async function unpackPackage(source: VerifiedPackage): Promise<UnpackedPackage> {
  try {
    const files = complete(await readEntries(await decompress(source.content)));
    return { files, manifest: checkContents(files) };
  } catch (cause) {
    const { term, message } =
      cause instanceof Refused
        ? cause
        : { term: tuple('not_a_package'), message: `it is no gzipped tar archive (${messageOf(cause)}).` };
    throw new OperatorError(
      tuple('bad_package', source.file, term),
      message,
      'Nothing was installed; build the package again with `erlmcp release build`.',
      { cause },
    );
  }
}

async function decompress(content: Buffer): Promise<Buffer> {
  const archive = await promisify(gunzip)(content, { maxOutputLength: MAX_UNPACKED_BYTES });
  // tar unpacks compressed input by itself, past our bound: a package is compressed once.
  if (archive[0] === 0x1f && archive[1] === 0x8b) throw new Error('compressed twice');
  return archive;
}

async function readEntries(archive: Buffer): Promise<Map<FileName, Buffer>> {
  const found = new Map<FileName, Buffer>();
  let refusal: unknown;
  await new Promise<void>((resolve, reject) => {
    const parser = new Parser({ strict: true, onReadEntry: (entry) => receive(entry) });
    const receive = (entry: ReadEntry): void => {
      try {
        const name = acceptEntry(entry, found);
        const chunks: Buffer[] = [];
        found.set(name, Buffer.alloc(0));
        entry.on('data', (chunk: Buffer) => chunks.push(chunk));
        entry.on('end', () => found.set(name, Buffer.concat(chunks)));
      } catch (error) {
        refusal ??= error;
        entry.resume();
      }
    };
    parser.on('error', reject);
    parser.on('finish', () => resolve());
    parser.end(archive);
  }).catch((error: unknown) => {
    throw refusal ?? error;
  });
  if (refusal !== undefined) throw refusal;
  return found;
}

function acceptEntry(entry: ReadEntry, found: ReadonlyMap<FileName, Buffer>): FileName {
  const { path, type } = entry;
  if (path.startsWith('/') || path.split('/').includes('..')) {
    throw new Refused(tuple('unsafe_path', path), 'an entry points outside of the release folder.');
  }
  if (type !== 'File' && type !== 'OldFile') {
    throw new Refused(tuple('unexpected_entry', path, type), 'a package holds plain files only.');
  }
  const name = FILES.find((file) => file === path);
  if (name === undefined) {
    throw new Refused(tuple('unexpected_entry', path), `a package holds ${FILES.join(', ')} only.`);
  }
  if (found.has(name)) throw new Refused(tuple('duplicate_entry', path), 'an entry occurs twice.');
  return name;
}

function complete(found: ReadonlyMap<FileName, Buffer>): UnpackedPackage['files'] {
  const file = (name: FileName): Buffer => {
    const content = found.get(name);
    if (content !== undefined) return content;
    throw new Refused(tuple('missing_entry', name), 'a file of the package is missing.');
  };
  return {
    [MANIFEST_FILE]: file(MANIFEST_FILE),
    [RUNNER_FILE]: file(RUNNER_FILE),
    [APPUP_FILE]: file(APPUP_FILE),
  };
}

function checkContents(files: UnpackedPackage['files']): Manifest {
  const parsed = parseManifest(files[MANIFEST_FILE].toString('utf8'));
  if ('problem' in parsed)
    throw new Refused(tuple('bad_manifest', parsed.problem), 'its manifest is not valid.');
  for (const name of [RUNNER_FILE, APPUP_FILE] as const) {
    if (sha256(files[name]) !== parsed.manifest.files[name]) {
      throw new Refused(tuple('digest_mismatch', name), 'a file is not the one that its manifest names.');
    }
  }
  return parsed.manifest;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
