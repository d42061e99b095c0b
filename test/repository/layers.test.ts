import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layerViolations } from '../tools/layers.ts';

const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));
const SCRIPT = fileURLToPath(new URL('../tools/check-layers.ts', import.meta.url));

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'erlmcp-layers-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

describe('layers', () => {
  it('breaks no rule in src/', () => {
    expect(layerViolations(SOURCES)).toEqual([]);
  });

  it('lets an allowed arrow and a third party pass', () => {
    write('host/router.ts', "import { z } from 'zod';\nimport { frame } from '../wire/frames.ts';\n");
    write('wire/frames.ts', 'export const frame = 1;\n');
    expect(layerViolations(root)).toEqual([]);
  });

  it.each([
    ['host/a.ts', "import { b } from '../runner/b.ts';", 'host may not import runner'],
    ['runner/a.ts', "import type { B } from '../host/b.ts';", 'runner may not import host'],
    ['admin/a.ts', "export { b } from '../ctl/b.ts';", 'admin may not import ctl'],
    ['upgrade/a.ts', "const b = await import('../main/b.ts');", 'upgrade may not import main'],
    ['main/a.ts', "import '../ctl/b.ts';", 'main may not import ctl'],
    ['otp/a.ts', "import { defineAppup } from 'erlmcp';", 'otp may not import index'],
    ['tables/a.ts', "type A = import('../errors/b.ts').B;", 'tables may not import errors'],
    [
      'wire/a.ts',
      "import {\n  // the frame's length\n  b,\n} from '../otp/b.ts';",
      'wire may not import otp',
    ],
    ['index.ts', "export { b } from './host/b.ts';", 'index may not import host'],
    ['ctl/a.ts', "import pkg from '../../package.ts';", 'outside of the sources'],
    ['plugins/a.ts', "import { b } from '../otp/b.ts';", 'plugins is no layer of the table'],
  ])('names the broken arrow of %s', (file, text, complaint) => {
    write(file, `${text}\n`);
    expect(layerViolations(root)).toEqual([expect.stringContaining(complaint)]);
    expect(layerViolations(root)[0]).toContain(`${file}:1`);
  });

  it('finds a cycle between files, through types too', () => {
    write('host/a.ts', "import { b } from './b.ts';\n");
    write('host/b.ts', "import type { C } from './c.ts';\n");
    write('host/c.ts', "import { a } from './a.ts';\n");
    expect(layerViolations(root)).toEqual(['import cycle: host/a.ts -> host/b.ts -> host/c.ts -> host/a.ts']);
  });

  it.each(['export * from', 'export * as all from', 'export type * from'])('refuses `%s`', (statement) => {
    write('otp/index.ts', `${statement} './server.ts';\n`);
    write('otp/server.ts', 'export const server = 1;\n');
    expect(layerViolations(root)).toEqual(['otp/index.ts:1 has `export *`: name each export']);
  });

  it('exits 1 as a script and names the arrow', () => {
    write('bridge/a.ts', "import { b } from '../host/b.ts';\n");
    const run = spawnSync(process.execPath, [SCRIPT, root], { encoding: 'utf8', timeout: 20_000 });
    expect(run.stderr).toBe('bridge/a.ts:1 imports host/b.ts: bridge may not import host\n');
    expect(run.status).toBe(1);
  });
});
