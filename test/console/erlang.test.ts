import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenize } from '../../src/admin/console/lexer.ts';
import { parse } from '../../src/admin/console/parser.ts';
import { OperatorError } from '../../src/errors/index.ts';
import { testConsole } from './support.ts';

describe('an Erlang expression', () => {
  it('binds variables once, by matches', async () => {
    const { ask } = testConsole();
    expect((await ask('{ok, Status} = m:status().')).text).toBe('{ok,#{status => idle,target => undefined}}');
    expect((await ask('Status.')).text).toBe('#{status => idle,target => undefined}');
    expect((await ask('#{status := Now} = Status.')).text).toBe('#{status => idle,target => undefined}');
    expect((await ask('Now.')).text).toBe('idle');
    expect((await ask('[A, B | C] = [1, 2, 3, 4]. {A, B, C}.')).text).toBe('[1,2,3,4]\n{1,2,[3,4]}');
    expect((await ask('{X, X} = {1, 1}. X = 1. {_, _} = {3, 4}.')).text).toBe('{1,1}\n1\n{3,4}');
    expect((await ask('"h" ++ T = "hi".')).error?.exitCode).toBe(64);
    expect((await ask('[H | T] = "hi". T.')).text).toBe('"hi"\n"i"');
  });

  it.each([
    ['X = 1. X = 2.', '{badmatch, 2}'],
    ['{error, E} = m:status().', '{badmatch, {ok, #{status => idle, target => undefined}}}'],
    ['[A, B] = [1].', '{badmatch, [1]}'],
    ['#{b := 1} = #{a => 1}.', '{badmatch, #{a => 1}}'],
    ['{X, X} = {1, 2}.', '{badmatch, {1, 2}}'],
    ['Y.', "{unbound, 'Y'}"],
    ['m:status(1).', "{undef, 'm:status/1'}"],
    ['nowhere:to(go).', "{undef, 'nowhere:to/1'}"],
    ['halt().', "{undef, 'halt/0'}"],
    ['[1 | 2].', '{badarg, 2}'],
    ['f(1).', '{badarg, "f"}'],
    ['m:refuse().', '{timeout, counter}'],
  ])('that fails says why in one line: %s', async (expression, reason) => {
    const { error } = await testConsole().ask(expression);
    expect(error).toMatchObject({ reason, exitCode: 1 });
    expect(error?.message).not.toContain('\n');
    expect(error?.remedy).not.toBe('');
  });

  it('that fails binds nothing', async () => {
    const { ask } = testConsole();
    expect((await ask('{A, 2} = {1, 3}.')).error?.reason).toBe('{badmatch, {1, 3}}');
    expect((await ask('A.')).error?.reason).toBe("{unbound, 'A'}");
  });

  it('forgets variables by f', async () => {
    const { ask } = testConsole();
    await ask('X = 1. Y = 2. Z = 3.');
    expect((await ask('f(X). X = 4. Y.')).text).toBe('ok\n4\n2');
    expect((await ask('f().')).text).toBe('ok');
    expect((await ask('Z.')).error?.reason).toBe("{unbound, 'Z'}");
  });

  it.each([
    ['case X of y -> 1 end.', 1, 1, 'case'],
    ['1 + 1.', 1, 3, '+'],
    ['fun() -> ok end.', 1, 1, 'fun'],
    ['foo bar.', 1, 5, 'bar'],
    ['{ok, ', 1, 6, 'the end'],
    ['ets:info(\n erlmcp,\n ].', 3, 2, ']'],
    ['"open', 1, 1, 'not closed'],
    ["{'open", 1, 2, 'not closed'],
    ['m:status() = X.', 1, 12, '='],
    ['A, B.', 1, 2, ','],
    ['99#1.', 1, 1, '99#1'],
    ['1.0e999.', 1, 1, 'too large'],
    ['"\\x{110000}".', 1, 2, 'does not exist'],
    ['ünder§.', 1, 6, '§'],
  ])(
    'outside of what the console understands names the place: %s',
    async (expression, line, column, found) => {
      const { error } = await testConsole().ask(
        expression.startsWith('"o') || !/\.$/.test(expression) ? `${expression} % .` : expression,
      );
      const inErlang = error?.reason.startsWith('{syntax_error') ? error : syntaxErrorOf(expression);
      expect(inErlang).toMatchObject({ reason: `{syntax_error, ${line}, ${column}}`, exitCode: 64 });
      expect(inErlang?.sentence).toContain(found);
    },
  );

  it('is read or refused, whatever it is', () => {
    const unit = fc.constantFrom(...'{}[]()<>#=|,.:"\'$\\%_-/ \nabzAZ019é日');
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit, maxLength: 40 }));
    fc.assert(
      fc.property(text, (source) => {
        try {
          parse(source);
        } catch (error) {
          expect(error).toBeInstanceOf(OperatorError);
          expect((error as OperatorError).message).not.toContain('\n');
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('may be as deep or as long as it likes', async () => {
    const { ask } = testConsole();
    for (const open of ['[', '{', '#{a => ', '(', 'm:echo(', 'X = '])
      expect((await ask(`${open.repeat(5_000)}.`)).error?.exitCode).toBe(64);
    expect((await ask(`${'['.repeat(150)}${']'.repeat(150)}.`)).text).toBe(
      `${'['.repeat(150)}${']'.repeat(150)}`,
    );
    expect((await ask(`"${'x'.repeat(1024 * 1024)}".`)).error?.reason).toBe('{too_long, 65536}');
    expect(tokenize(`[${'1,'.repeat(300_000)}1].`)).toHaveLength(600_004);
    expect(() => parse(`${'"a" '.repeat(1_000)}.`)).not.toThrow();
  });

  it('may leave out its last full stop, where its beginning says that it is Erlang', async () => {
    expect((await testConsole().ask('ets:info(t)')).text).toBe('[{name,t},{size,3}]');
  });

  it('says which functions there are instead of the one that is not', async () => {
    const { ask } = testConsole();
    expect((await ask('ets:info().')).error?.remedy).toBe(
      'There are ets:info(Table), ets:info(Table, Item).',
    );
    expect((await ask('ets:inform(t).')).error?.remedy).toContain('ets:info(Table)');
    expect((await ask('etc:info(t).')).error?.remedy).toContain('help()');
  });

  it('shows what a function prints around its value', async () => {
    expect((await testConsole().ask('m:note().')).text).toBe('above\nok\nbelow');
  });
});

function syntaxErrorOf(source: string): OperatorError | undefined {
  try {
    parse(source);
  } catch (error) {
    return error as OperatorError;
  }
}
