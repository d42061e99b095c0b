import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readInput } from '../../src/control/console-input.ts';
import { Expressions, isQuit } from '../../src/ctl/console/expressions.ts';

describe('what is typed', () => {
  it.each([
    ['ets:info(erlmcp_registry).', 'erlang', true],
    ['ets:info(erlmcp_registry)', 'erlang', false],
    ['{ok, Status} = erlmcp_upgrade_coordinator:get_upgrade_status().', 'erlang', true],
    ['{ok, Status} =', 'erlang', false],
    ['Health = erlmcp_upgrade_monitor:get_system_health()', 'erlang', false],
    ['Status.', 'erlang', true],
    ['#{a => 1', 'erlang', false],
    ['<<"a">>', 'erlang', false],
    ['% a comment', 'erlang', true],
    ['1. % one', 'erlang', true],
    ['"not yet. ', 'typescript', true],
    ['erlmcp_upgrade_coordinator.get_upgrade_status()', 'typescript', true],
    ['const { ok } = 1', 'typescript', true],
    ['({ a: 1 })', 'typescript', true],
    ['foo(', 'typescript', false],
    ['const f = () => {', 'typescript', false],
    ['`open', 'typescript', false],
    ['/* open', 'typescript', false],
    ['"a)" + \'(\' // (', 'typescript', true],
    ['', 'typescript', true],
  ])('%j is %s, complete: %s', (text, language, complete) => {
    expect(readInput(text)).toMatchObject({ language, complete });
  });

  it('is cut at each full stop that ends an expression, and at no other', () => {
    expect(readInput('X = 1.5. "a. b". $. . \'c. d\'. % e. f\n[1.0].').expressions).toEqual([
      'X = 1.5.',
      '"a. b".',
      '$. .',
      "'c. d'.",
      '[1.0].',
    ]);
  });

  it('is read whatever it is', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'{[("\'`.%$\\/*# a:1=\n') }),
    );
    fc.assert(
      fc.property(text, (typed) => {
        const { expressions, language } = readInput(typed);
        if (language === 'typescript') expect(expressions).toEqual([typed]);
        else for (const expression of expressions) expect(typed).toContain(expression);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is read in time that grows with its length', () => {
    for (const text of [
      '. '.repeat(500_000),
      "'".repeat(1_000_001),
      '(['.repeat(500_000),
      '% a\n'.repeat(250_000),
    ])
      expect(readInput(text).expressions.length).toBeGreaterThanOrEqual(0);
  });
});

describe('lines', () => {
  it('are collected until an expression is complete', () => {
    const typed = new Expressions();
    expect(typed.push('erlang:whereis(')).toEqual([]);
    expect(typed.pending).toBe(true);
    expect(typed.push('counter). ets:all().')).toEqual(['erlang:whereis(\ncounter).', 'ets:all().']);
    expect(typed.pending).toBe(false);
    expect(typed.push('% nothing')).toEqual([]);
    expect(typed.push('')).toEqual([]);
    typed.push('foo(');
    typed.drop();
    expect(typed.push('1 + 1')).toEqual(['1 + 1']);
    typed.push('ets:all()');
    expect(typed.rest()).toEqual(['ets:all()']);
  });

  it('leave the console when they say so', () => {
    for (const text of ['q().', 'q()', 'q( ) .']) expect(isQuit(text)).toBe(true);
    for (const text of ['q(1).', 'eq().', 'q().x']) expect(isQuit(text)).toBe(false);
  });
});
