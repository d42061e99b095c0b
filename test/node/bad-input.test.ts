import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildVariant } from '../../examples/workspace/variants.ts';
import { SessionClient } from '../support/mcp.ts';
import { run, startNode } from '../support/test-node.ts';

const packageOf = (home: string, vsn: string): string => join(home, `packages/erlmcp-${vsn}.tar.gz`);

function sumUp(path: string): void {
  const sum = createHash('sha256').update(readFileSync(path)).digest('hex');
  writeFileSync(`${path}.sha256`, `${sum}  ${path.split('/').at(-1)}\n`);
}

/** Knows of no version before its own. */
const SHORT_CHAINS = `import { defineAppup } from 'erlmcp';
export default defineAppup({
  application: 'workspace',
  tables: { notes: [{ version: 2 }] },
  servers: { counter: [{ version: 2 }] },
});
`;

/** Each makes its package in the home, and names what the one line has to hold. */
const CASES: [string, string, string, (home: string) => unknown][] = [
  ['a version that there is no package of', '9.9.9', '{package_not_found, "9.9.9"', () => {}],
  ['a version that is none', 'latest', '{package_not_found, "latest"', () => {}],
  [
    'a package whose checksum differs',
    '3.0.0',
    '{checksum_mismatch, "erlmcp-3.0.0.tar.gz"',
    (home) => appendFileSync(packageOf(home, '3.0.0'), 'x'),
  ],
  [
    'a package without its checksum',
    '3.0.0',
    '{checksum_missing, "erlmcp-3.0.0.tar.gz"',
    (home) => rmSync(`${packageOf(home, '3.0.0')}.sha256`),
  ],
  [
    'a package that is no tarball',
    '4.0.0',
    '{bad_package, "erlmcp-4.0.0.tar.gz"',
    (home) => {
      writeFileSync(packageOf(home, '4.0.0'), 'no tarball');
      sumUp(packageOf(home, '4.0.0'));
    },
  ],
  [
    'a package that escapes its folder',
    '4.0.0',
    '{bad_package, "erlmcp-4.0.0.tar.gz"',
    async (home) => {
      const folder = join(home, 'evil');
      mkdirSync(folder);
      writeFileSync(join(home, 'escaped.txt'), 'escaped');
      await run(
        '/bin/sh',
        [
          '-c',
          `cd '${folder}' && tar -Pczf '${packageOf(home, '4.0.0')}' ../escaped.txt && rm ../escaped.txt`,
        ],
        process.env,
      );
      sumUp(packageOf(home, '4.0.0'));
    },
  ],
  [
    'a release without a path from the running version',
    '4.0.0',
    '{no_upgrade_path, "2.1.0", "4.0.0"}',
    (home) =>
      buildVariant(
        {
          vsn: '4.0.0',
          edit: async (folder) => writeFileSync(join(folder, 'appup.ts'), SHORT_CHAINS),
        },
        join(home, 'packages'),
      ),
  ],
];

describe('an upgrade is refused, with one line and nothing changed:', () => {
  it.each(CASES)('%s', async (_name, version, term, prepare) => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    const before = await client.call('whoami');
    await prepare(node.home);
    for (const options of [[], ['--force']]) {
      const refused = await node.script('upgrade.sh', version, ...options);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain(term);
      expect(refused.stderr.trim().split('\n')).toHaveLength(1);
    }
    expect(await client.call('whoami')).toEqual(before);
    expect(node.runners()).toHaveLength(1);
    expect((await run('/bin/ls', [join(node.home, 'releases')], process.env)).stdout.trim()).toBe('2.1.0');
  });

  it('to the version that runs already is no error', async () => {
    const node = await startNode();
    const same = await node.script('upgrade.sh', '2.1.0');
    expect(same).toMatchObject({ code: 0, stdout: '2.1.0 runs already: nothing to do.\n' });
  });
});
