import { describe, expect, it } from 'vitest';
import { complete } from '../../src/admin/console/complete.ts';
import { eventually } from '../support/test-node.ts';
import { FUNCTIONS, testConsole } from './support.ts';

describe('a console', () => {
  it('keeps its variables from other consoles, and an expression without one from all', async () => {
    const { ask, consoles } = testConsole();
    await ask('X = 1.', 'a');
    expect((await ask('X.', 'b')).error?.reason).toBe("{unbound, 'X'}");
    expect((await ask('X.', 'a')).text).toBe('1');
    await expect(consoles.evaluate({ expression: 'X.' })).rejects.toMatchObject({ reason: "{unbound, 'X'}" });
    expect(consoles.count).toBe(2);
    expect(consoles.variables('a')).toEqual(['X']);
    expect(consoles.variables(undefined)).toEqual([]);
  });

  it('is forgotten when newer ones take its place, the one that was used least lately first', async () => {
    const { ask, consoles, logged } = testConsole({ consoles: 2 });
    await ask('X = 1.', 'a');
    await ask('X = 2.', 'b');
    await ask('X.', 'a');
    await ask('X = 3.', 'c');
    expect(consoles.count).toBe(2);
    expect((await ask('X.', 'a')).text).toBe('1');
    expect(logged.map(({ message, fields }) => `${message} ${fields.console}`)).toContain(
      'Console forgotten: 2 consoles are newer b',
    );
  });

  it('is forgotten when it was not used for long', async () => {
    const { ask, consoles } = testConsole({ idleMs: 50 });
    await ask('X = 1.');
    await eventually('the end of an idle console', () => consoles.count === 0);
    expect((await ask('X.')).error?.reason).toBe("{unbound, 'X'}");
  });

  it('runs one expression at a time, and gives up one that does not end', async () => {
    const { ask } = testConsole({ settleMs: 500 });
    const hanging = ask('X = m:hang().');
    expect((await ask('1.')).error?.reason).toBe('{console_busy, "a"}');
    expect((await ask('1.', 'b')).text).toBe('1');
    expect((await hanging).error).toMatchObject({ reason: '{timeout, 500}', exitCode: 124 });
    expect((await ask('1.')).text).toBe('1');
  });

  it('logs every use before it runs, in one line, with its user', async () => {
    const { ask, logged } = testConsole();
    await ask('ets:info(t).\n\u001b[2J');
    await ask(`"${'y'.repeat(2_000)}".`);
    await ask('case');
    expect(logged.map(({ fields }) => fields)).toEqual(Array(3).fill({ user: 'tester', console: 'a' }));
    expect(logged[0]?.message).toBe('Console: ets:info(t). [2J');
    expect(logged[1]?.message).toHaveLength('Console: '.length + 501);
    expect(logged[2]?.message).toBe('Console: case');
  });
});

describe('completion', () => {
  const names = { tables: () => ['erlmcp_registry', 'notes'], processes: () => ['counter'] };
  const of = (line: string, variables: string[] = []) => complete(line, FUNCTIONS.list, names, variables);

  it.each([
    ['', ['ets:', 'f()', 'm:', 'q()'], ''],
    ['e', ['ets:'], 'e'],
    ['{ok, X} = e', ['ets:'], 'e'],
    ['await e', ['ets.'], 'e'],
    ['ets:in', ['info('], 'in'],
    ['await ets.in', ['info('], 'in'],
    ['m:st', ['status()'], 'st'],
    ['ets:info(er', ['erlmcp_registry'], 'er'],
    ['ets:info(', ['erlmcp_registry', 'notes'], ''],
    ["ets.info('no", ["'notes'"], "'no"],
    ['nowhere:in', [], 'in'],
    ['1 + ', [], ''],
  ])('of %j', async (line, completions, prefix) => {
    expect(await of(line)).toEqual({ completions, prefix });
  });

  it('knows the variables', async () => {
    expect(await of('St', ['Status', 'Other'])).toEqual({ completions: ['Status'], prefix: 'St' });
  });
});
