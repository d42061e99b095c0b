/** A rehearsal for whose copy there is no room. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { NodeParts } from '../../src/main/node-parts.ts';
import { copyTables } from '../../src/main/rehearsal.ts';

it('is refused before anything is copied, with what is there and what is needed', async () => {
  const data = mkdtempSync(join(tmpdir(), 'erlmcp-room-'));
  onTestFinished(() => rmSync(data, { recursive: true }));
  mkdirSync(join(data, 'disc'));
  writeFileSync(join(data, 'disc/data.mdb'), '');
  // Takes no room itself.
  truncateSync(join(data, 'disc/data.mdb'), 4 * 2 ** 40);
  const node = { paths: { data } } as NodeParts;
  await expect(copyTables(node, { tables: [] } as never)).rejects.toMatchObject({
    reason: '{disk_full, "rehearsal"}',
    message: expect.stringMatching(
      /there is \d+ MB free under .*, and 4194404 MB is needed\. Free disk space/,
    ),
  });
  expect(readdirSync(data)).toEqual(['disc']);
});
