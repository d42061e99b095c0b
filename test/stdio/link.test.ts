import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { OperatorError } from '../../src/errors/index.ts';
import { requireSocketPath } from '../../src/errors/socket-path.ts';
import { LinkViolation, Outbox, wireNumber } from '../../src/wire/bridge-link.ts';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));

const sizes = (...bytes: number[]): Outbox<{ bytes: number }> => {
  const outbox = new Outbox<{ bytes: number }>();
  for (const size of bytes) outbox.push({ bytes: size });
  return outbox;
};

describe('what both ends of the link share', () => {
  it('numbers messages from 1 on and forgets those that are acknowledged', () => {
    const outbox = sizes(10, 20, 30);
    outbox.acknowledge(2);
    expect([...outbox.unacknowledged()]).toEqual([[3, { bytes: 30 }]]);
    expect(outbox.bytes).toBe(30);
    expect(outbox.push({ bytes: 1 })).toBe(4);
    outbox.acknowledge(4);
    expect(outbox.bytes).toBe(0);
  });

  it.each([4, 1, -1, 2.5, Number.NaN])('refuses the acknowledgement of %d', (received) => {
    const outbox = sizes(1, 1, 1);
    outbox.acknowledge(2);
    expect(() => outbox.acknowledge(received)).toThrow(LinkViolation);
  });

  it('carries a number over the 32 bits that a frame has for it', () => {
    expect(wireNumber(2 ** 32 + 5)).toBe(5);
  });

  it('names limit and path of a socket that the system can not have', () => {
    const path = `/tmp/${'x'.repeat(120)}/run/stdio.sock`;
    const limit = process.platform === 'darwin' ? 103 : 107;
    expect(() => requireSocketPath(path)).toThrow(OperatorError);
    expect(() => requireSocketPath(path)).toThrow(
      `{socket_path_too_long, "${path}", ${path.length}, ${limit}}`,
    );
    expect(() => requireSocketPath(`/${'x'.repeat(limit - 1)}`)).not.toThrow();
  });
});

describe('the bridge', () => {
  it('loads a handful of small files of ours and of Node, so that it starts at once', () => {
    const loaded = new Set<string>();
    const outside = new Set<string>();
    const load = (file: string): void => {
      if (loaded.has(file)) return;
      loaded.add(file);
      const source = readFileSync(file, 'utf8');
      for (const [, name] of source.matchAll(/^(?:import|export)(?! type)[^;]*?from '([^']+)'/gms)) {
        if (name!.startsWith('.')) load(join(dirname(file), name!));
        else outside.add(name!);
      }
    };
    load(join(SRC, 'bridge', 'index.ts'));
    expect([...outside].sort()).toEqual(['node:net', 'node:path']);
    expect([...new Set([...loaded].map((file) => dirname(relative(SRC, file))))].sort()).toEqual([
      'bridge',
      'errors',
      'wire',
    ]);
    expect(loaded.size).toBeLessThan(25);
  });
});
