import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { buildReference } from '../../examples/workspace/variants.ts';
import { configSchema } from '../../src/host/config/schema.ts';
import { buildRelease } from '../../src/release/build/index.ts';
import { ReleaseStore } from '../../src/release/index.ts';
import { parsePublicKey, readSigningKey, signPackage } from '../../src/release/signature.ts';
import { manifestOf, putEntries, reasonOf, soundEntries, tempFolder } from './fixtures.ts';

const pemOf = (key: KeyObject): string =>
  key.export({ format: 'pem', type: key.type === 'private' ? 'pkcs8' : 'spki' }) as string;
const derOf = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' });

let ours: { publicKey: KeyObject; privateKey: KeyObject };
let theirs: typeof ours;
beforeAll(() => {
  ours = generateKeyPairSync('ed25519');
  theirs = generateKeyPairSync('ed25519');
});

/** A home with a package, signed by `key` if there is one. */
async function homeWith(key?: KeyObject): Promise<{ home: string; path: string }> {
  const home = await tempFolder();
  const path = await putEntries(home, '3.0.0', soundEntries(manifestOf('3.0.0')));
  if (key) await writeFile(`${path}.sig`, await signPackage(await readFile(path), key));
  return { home, path };
}

const installs = (home: string, keys: string[]) => new ReleaseStore(home, keys).install('3.0.0');

describe('where keys are trusted', () => {
  test.each([
    ['PEM', (key: KeyObject) => pemOf(key)],
    ['PEM in one line', (key: KeyObject) => pemOf(key).trim().replaceAll('\n', '\\n')],
    ['base64 of the DER form', (key: KeyObject) => derOf(key).toString('base64')],
    ['base64 of the 32 bytes', (key: KeyObject) => derOf(key).subarray(-32).toString('base64')],
  ])('a package signed by one of them is installed: a key as %s', async (_form, text) => {
    const { home } = await homeWith(ours.privateKey);
    const keys = [pemOf(theirs.publicKey), text(ours.publicKey)];
    expect(() => configSchema.parse({ release: { trusted_keys: keys } })).not.toThrow();
    const { signedBy } = await new ReleaseStore(home, keys).inspect('3.0.0');
    expect(signedBy).toMatch(/^[0-9a-f]{16}$/);
    expect(await installs(home, keys)).toMatchObject({ changed: true });
  });

  it('one without a signature is refused, and nothing is installed', async () => {
    const { home } = await homeWith();
    expect(await reasonOf(installs(home, [pemOf(ours.publicKey)]))).toBe('{signature_missing, "3.0.0"}');
    expect(await readdir(home)).toEqual(['packages']);
  });

  test.each([
    [
      'of another key',
      async (path: string) =>
        writeFile(`${path}.sig`, await signPackage(await readFile(path), theirs.privateKey)),
    ],
    [
      'of other bytes',
      async (path: string) => writeFile(`${path}.sig`, await signPackage(Buffer.from('x'), ours.privateKey)),
    ],
    [
      'that is cut off',
      async (path: string) => writeFile(`${path}.sig`, (await readFile(`${path}.sig`, 'utf8')).slice(0, 40)),
    ],
    ['that is empty', async (path: string) => writeFile(`${path}.sig`, '')],
    ['that is huge', async (path: string) => writeFile(`${path}.sig`, 'A'.repeat(100_000))],
  ])('a signature %s is refused', async (_name, spoil) => {
    const { home, path } = await homeWith(ours.privateKey);
    await spoil(path);
    expect(await reasonOf(installs(home, [pemOf(ours.publicKey)]))).toBe('{signature_invalid, "3.0.0"}');
    expect(await readdir(home)).toEqual(['packages']);
  });

  it('the signature of an older package does not make it a newer one', async () => {
    const { home, path } = await homeWith(ours.privateKey);
    const renamed = join(home, 'packages/erlmcp-3.0.1.tar.gz');
    await copyFile(path, renamed);
    await copyFile(`${path}.sig`, `${renamed}.sig`);
    const sum = (await readFile(`${path}.sha256`, 'utf8')).replace('3.0.0', '3.0.1');
    await writeFile(`${renamed}.sha256`, sum);
    const store = new ReleaseStore(home, [pemOf(ours.publicKey)]);
    expect(await reasonOf(store.install('3.0.1'))).toBe(
      '{bad_package, "erlmcp-3.0.1.tar.gz", {wrong_version, "3.0.0"}}',
    );
  });

  it('an installed release needs no package and no signature', async () => {
    const { home, path } = await homeWith();
    await installs(home, []);
    await rm(path);
    expect((await new ReleaseStore(home, [pemOf(ours.publicKey)]).get('3.0.0')).vsn).toBe('3.0.0');
  });
});

it('where none is, a signature is not asked for, nor looked at', async () => {
  const { home, path } = await homeWith();
  await writeFile(`${path}.sig`, 'x');
  expect((await new ReleaseStore(home).inspect('3.0.0')).signedBy).toBeUndefined();
});

describe('a key', () => {
  it.each([
    ['text', 'hello'],
    ['too few bytes', Buffer.alloc(31).toString('base64')],
    ['a key of another kind', pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)],
    ['a private key', pemOf(generateKeyPairSync('ed25519').privateKey)],
    ['nothing', ''],
  ])('that is none is refused in the configuration: %s', (_name, text) => {
    expect(parsePublicKey(text)).toBeUndefined();
    expect(() => configSchema.parse({ release: { trusted_keys: [text] } })).toThrow(/Ed25519 public key/);
  });

  it('to sign with has to be an Ed25519 private key in PEM form, and is read before anything is built', async () => {
    const folder = await tempFolder();
    const path = join(folder, 'key.pem');
    expect(await reasonOf(readSigningKey(path))).toBe(`{bad_signing_key, "${path}"}`);
    await writeFile(path, pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey));
    const built = buildRelease('examples/workspace/3.0.0', { out: folder, sign: path });
    expect(await reasonOf(built)).toBe(`{bad_signing_key, "${path}"}`);
    expect(await readdir(folder)).toEqual(['key.pem']);
  });
});

it('docs/releases.md shows a configuration that is accepted', async () => {
  const page = await readFile(new URL('../../docs/releases.md', import.meta.url), 'utf8');
  const [, json = ''] = /```json\n(.*?)```/s.exec(page) ?? [];
  expect(configSchema.parse(JSON.parse(json)).release.trusted_keys).toHaveLength(1);
});

describe('a build', () => {
  it('with a key puts a signature beside the package, and one without takes an older one away', async () => {
    const home = await tempFolder();
    const out = join(home, 'packages');
    const key = join(home, 'key.pem');
    await writeFile(key, pemOf(ours.privateKey));
    const { path } = await buildRelease('examples/workspace/3.0.0', { out, sign: key });
    await new ReleaseStore(home, [pemOf(ours.publicKey)]).install('3.0.0');
    await buildReference('3.0.0', out);
    expect(existsSync(`${path}.sig`)).toBe(false);
  });

  it('makes what openssl checks, and takes what openssl makes', async () => {
    const { home, path } = await homeWith(ours.privateKey);
    const at = (name: string): string => join(home, name);
    await writeFile(at('key.pem'), pemOf(ours.privateKey));
    await writeFile(at('public.pem'), pemOf(ours.publicKey));
    await writeFile(at('raw.sig'), Buffer.from(await readFile(`${path}.sig`, 'utf8'), 'base64'));
    const openssl = (...args: string[]): string =>
      execFileSync('openssl', ['pkeyutl', ...args, '-rawin', '-in', path]).toString('base64');
    openssl('-verify', '-pubin', '-inkey', at('public.pem'), '-sigfile', at('raw.sig'));
    await writeFile(`${path}.sig`, `${openssl('-sign', '-inkey', at('key.pem'))}\n`);
    await installs(home, [pemOf(ours.publicKey)]);
  });
});
