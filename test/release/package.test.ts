import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { installPackage, packagePath, ReleaseStore, sha256, verifyPackage } from '../../src/release/index.ts';
import {
  APPUP,
  manifestOf,
  putEntries,
  putPackage,
  RUNNER,
  reasonOf,
  soundEntries,
  type TarEntry,
  tarOf,
  tempFolder,
} from './fixtures.ts';

const manifest = manifestOf('3.0.0');

describe('the checksum', () => {
  test('that does not fit refuses the package, with both sums, and nothing is installed', async () => {
    const home = await tempFolder();
    const path = await putEntries(home, '3.0.0', soundEntries(manifest));
    const expected = sha256(await readFile(path));
    await appendFile(path, 'x');
    const actual = sha256(await readFile(path));
    const reason = `{checksum_mismatch, "erlmcp-3.0.0.tar.gz", "${expected}", "${actual}"}`;
    expect(await reasonOf(verifyPackage(path))).toBe(reason);
    expect(await reasonOf(installPackage(home, '3.0.0'))).toBe(reason);
    expect(await readdir(home)).toEqual(['packages']);
  });

  test('is that of sha256sum, in text and in binary mode', async () => {
    const home = await tempFolder();
    const path = await putEntries(home, '3.0.0', soundEntries(manifest));
    const sum = sha256(await readFile(path));
    await writeFile(`${path}.sha256`, `${sum.toUpperCase()} *erlmcp-3.0.0.tar.gz\n`);
    expect((await verifyPackage(path)).sha256).toBe(sum);
  });

  test.each([
    ['a file that is missing', undefined],
    ['a file that names another package', `${'0'.repeat(64)}  erlmcp-2.1.0.tar.gz\n`],
    ['a file that holds something else', 'hello\n'],
  ])('can not be left out: %s', async (_name, text) => {
    const home = await tempFolder();
    const path = await putEntries(home, '3.0.0', soundEntries(manifest));
    if (text === undefined) await rm(`${path}.sha256`);
    else await writeFile(`${path}.sha256`, text);
    expect(await reasonOf(verifyPackage(path))).toBe(
      `{checksum_missing, "erlmcp-3.0.0.tar.gz", "${path}.sha256"}`,
    );
  });

  test('of a package that is not there', async () => {
    const path = packagePath(await tempFolder(), '3.0.0');
    expect(await reasonOf(verifyPackage(path))).toBe(`{package_not_found, "3.0.0", "${path}"}`);
  });
});

describe('a package that is not sound installs nothing', () => {
  const sound = soundEntries(manifest);
  const evil: [string, TarEntry[], string][] = [
    ['path that climbs', [...sound, { path: '../escape', content: 'x' }], '{unsafe_path, "../escape"}'],
    ['path that climbs inside', [...sound, { path: 'a/../../b' }], '{unsafe_path, "a/../../b"}'],
    ['absolute path', [...sound, { path: '/tmp/escape' }], '{unsafe_path, "/tmp/escape"}'],
    [
      'symbolic link',
      [{ path: 'runner.mjs', type: 'SymbolicLink', linkpath: '/etc/passwd' }, ...sound],
      '{unexpected_entry, "runner.mjs", "SymbolicLink"}',
    ],
    [
      'hard link',
      [{ path: 'appup.mjs', type: 'Link', linkpath: '/etc/passwd' }, ...sound],
      '{unexpected_entry, "appup.mjs", "Link"}',
    ],
    ['folder', [{ path: 'sub/', type: 'Directory' }, ...sound], '{unexpected_entry, "sub/", "Directory"}'],
    [
      'device',
      [{ path: 'runner.mjs', type: 'CharacterDevice' }, ...sound],
      '{unexpected_entry, "runner.mjs", "CharacterDevice"}',
    ],
    ['file of another name', [...sound, { path: 'postinstall.js' }], '{unexpected_entry, "postinstall.js"}'],
    ['file twice', [...sound, { path: 'runner.mjs', content: 'evil()' }], '{duplicate_entry, "runner.mjs"}'],
    ['missing file', sound.slice(0, 2), '{missing_entry, "appup.mjs"}'],
    [
      'file that the manifest does not know',
      [...sound.slice(0, 2), { path: 'appup.mjs', content: 'evil()' }],
      '{digest_mismatch, "appup.mjs"}',
    ],
    ['manifest of another version', soundEntries(manifestOf('2.1.0')), '{wrong_version, "2.1.0"}'],
    [
      'manifest that is no JSON',
      [{ path: 'manifest.json', content: '{' }, ...sound.slice(1)],
      '{bad_manifest, "manifest.json is no JSON',
    ],
    [
      'manifest without a version',
      [{ path: 'manifest.json', content: JSON.stringify({ ...manifest, vsn: 'three' }) }, ...sound.slice(1)],
      '{bad_manifest, "manifest.json at vsn: a semantic version such as 3.0.0"}',
    ],
  ];

  test.each(evil)('%s', async (_name, entries, reason) => {
    const home = await tempFolder();
    await putEntries(home, '3.0.0', entries);
    const refused = await reasonOf(installPackage(home, '3.0.0'));
    expect(refused.startsWith(`{bad_package, "erlmcp-3.0.0.tar.gz", ${reason}`), refused).toBe(true);
    expect(await readdir(home)).toEqual(['packages']);
  });

  const archives: [string, Buffer][] = [
    ['no tarball', Buffer.from('this is no tarball')],
    ['empty file', Buffer.alloc(0)],
    ['gzip of something else', gzipSync('this is no tarball either')],
    ['truncated', gzipSync(tarOf(sound)).subarray(0, 150)],
    ['truncated inside', gzipSync(tarOf(sound).subarray(0, 700))],
    ['compressed twice', gzipSync(gzipSync(tarOf(sound)))],
  ];
  test.each(archives)('archive: %s', async (_name, archive) => {
    const home = await tempFolder();
    await putPackage(home, '3.0.0', archive);
    expect(await reasonOf(installPackage(home, '3.0.0'))).toBe(
      '{bad_package, "erlmcp-3.0.0.tar.gz", {not_a_package}}',
    );
    expect(await readdir(home)).toEqual(['packages']);
  });

  test('archive that blows up past the bound', async () => {
    const home = await tempFolder();
    const bomb = Array.from({ length: 2 }, (_, index) => ({
      path: `${index}`,
      content: '\0'.repeat(70 << 20),
    }));
    const archive = gzipSync(tarOf(bomb), { level: 1 });
    await putPackage(home, '3.0.0', archive);
    expect(await reasonOf(installPackage(home, '3.0.0'))).toBe(
      '{bad_package, "erlmcp-3.0.0.tar.gz", {not_a_package}}',
    );
  });
});

describe('installing', () => {
  test('unpacks the three files, once', async () => {
    const home = await tempFolder();
    await putEntries(home, '3.0.0', soundEntries(manifest));
    const first = await installPackage(home, '3.0.0');
    expect(first).toMatchObject({ changed: true, manifest });
    expect((await readdir(first.folder)).sort()).toEqual(['appup.mjs', 'manifest.json', 'runner.mjs']);
    expect(await readFile(join(first.folder, 'runner.mjs'), 'utf8')).toBe(RUNNER);
    expect(await installPackage(home, '3.0.0')).toMatchObject({ changed: false, manifest });
    expect(await readdir(join(home, 'releases'))).toEqual(['3.0.0']);
  });

  test('exchanges another build of the version, but not while it is in use', async () => {
    const home = await tempFolder();
    await putEntries(home, '3.0.0', soundEntries(manifest));
    await installPackage(home, '3.0.0');
    const other = { ...manifest, node: '>=24' };
    await putEntries(home, '3.0.0', soundEntries(other));
    expect(await reasonOf(installPackage(home, '3.0.0', { inUse: ['3.0.0'] }))).toBe(
      '{release_in_use, "3.0.0"}',
    );
    const store = new ReleaseStore(home);
    expect(await store.manifest('3.0.0')).toEqual(manifest);
    expect(await store.install('3.0.0', { inUse: ['2.1.0'] })).toMatchObject({ changed: true });
    expect(await store.manifest('3.0.0')).toEqual(other);
    expect(await readdir(join(home, 'releases'))).toEqual(['3.0.0']);
  });

  test('mends an installed release that was damaged', async () => {
    const home = await tempFolder();
    await putEntries(home, '3.0.0', soundEntries(manifest));
    const { folder } = await installPackage(home, '3.0.0');
    await writeFile(join(folder, 'runner.mjs'), 'evil()');
    const store = new ReleaseStore(home);
    expect(await reasonOf(store.get('3.0.0'))).toBe('{release_damaged, "3.0.0", "runner.mjs"}');
    expect(await store.manifests()).toEqual([]);
    await store.install('3.0.0');
    expect((await store.get('3.0.0')).manifest).toEqual(manifest);
  });
});

describe('the release store', () => {
  test('lists what is installed, oldest first', async () => {
    const home = await tempFolder();
    const store = new ReleaseStore(home);
    expect(await store.list()).toEqual([]);
    for (const vsn of ['10.0.0', '2.1.0', '3.0.0']) {
      await putEntries(home, vsn, soundEntries(manifestOf(vsn)));
      await store.install(vsn);
    }
    expect(await store.list()).toEqual(['2.1.0', '3.0.0', '10.0.0']);
    expect((await store.manifests()).map(({ vsn }) => vsn)).toEqual(['2.1.0', '3.0.0', '10.0.0']);
    expect(await reasonOf(store.get('4.0.0'))).toBe('{release_not_installed, "4.0.0"}');
  });

  test('knows the only package, and refuses to choose', async () => {
    const home = await tempFolder();
    const store = new ReleaseStore(home);
    expect(await reasonOf(store.resolveOnlyPackage())).toBe(`{no_package, "${home}/packages"}`);
    await putEntries(home, '2.1.0', soundEntries(manifestOf('2.1.0')));
    expect(await store.resolveOnlyPackage()).toBe('2.1.0');
    await putEntries(home, '3.0.0', soundEntries(manifest));
    expect(await reasonOf(store.resolveOnlyPackage())).toBe('{several_packages, ["2.1.0", "3.0.0"]}');
  });

  test('loads an appup anew when its content has changed', async () => {
    const home = await tempFolder();
    const store = new ReleaseStore(home);
    const put = async (appup: string): Promise<void> => {
      const files = { ...manifest.files, 'appup.mjs': sha256(appup) };
      const entries = soundEntries({ ...manifest, files });
      await putEntries(home, '3.0.0', [...entries.slice(0, 2), { path: 'appup.mjs', content: appup }]);
      await store.install('3.0.0');
    };
    const appupOf = (version: number): string =>
      `export default { application: 'workspace', tables: { notes: [{ version: ${version} }] }, servers: {} };`;
    await put(APPUP);
    expect(await store.loadAppup('3.0.0')).toEqual({});
    await put(appupOf(1));
    expect((await store.loadAppup('3.0.0')).workspace?.tables.notes).toEqual([{ version: 1 }]);
    await put(appupOf(2));
    expect((await store.loadAppup('3.0.0')).workspace?.tables.notes).toEqual([{ version: 2 }]);
    await put('export default { application: 1 };');
    expect(await reasonOf(store.loadAppup('3.0.0'))).toBe(`{bad_appup, "${home}/releases/3.0.0/appup.mjs"}`);
  });
});
