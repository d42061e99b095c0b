import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ask } from '../../src/ctl/command.ts';
import { cites } from '../requirements.ts';
import { SessionClient } from '../support/mcp.ts';
import { alive, eventually, run, startNode, type TestNode } from '../support/test-node.ts';

const BIN = new URL('../../bin', import.meta.url).pathname;

/** What an operator types into the console that a command line of the runbook opens, in the node's home. */
function inConsole(node: TestNode, commandLine: string, lines: readonly string[]) {
  const env = { ...node.env, PATH: `${BIN}:${node.env.PATH}`, TYPED: `${lines.join('\n')}\n` };
  return run('/bin/sh', ['-c', `cd "$ERLMCP_HOME" && printf %s "$TYPED" | ${commandLine}`], env);
}

const evaluate = (node: TestNode, expression: string) =>
  ask(node.home, 'eval', { expression, user: 'tester' });

const value = async (node: TestNode, expression: string): Promise<unknown> =>
  (await evaluate(node, expression)).value;

const text = async (node: TestNode, expression: string): Promise<string> =>
  (await evaluate(node, expression)).text;

/** Of a machine that has more to do than this. */
const SLOW_MS = 180_000;

describe('the remote console', { timeout: SLOW_MS }, () => {
  it('runs what the runbook has, as it stands there', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    await client.call('counter_increment');
    const { code, stdout, stderr } = await inConsole(node, cites('console.connect'), [
      '% Check upgrade status',
      cites('console.upgrade_status'),
      cites('console.system_health'),
      '#{status := Verdict} = Health. {Verdict, Status}.',
      cites('console.registry_info'),
      cites('console.registry_list'),
      'sys:get_state(counter).',
    ]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^\{ok,#\{status => idle,current_version => "2\.1\.0",\n +target_version => undefined,phases_completed => \[\],\n +phases_total => 8,start_time => undefined,\n +error_reason => undefined\}\}\n#\{status => (healthy|degraded),score => /,
    );
    expect(stdout).toMatch(/#\{name => disk_free,status => healthy,value => "\d+ MB",/);
    expect(stdout).toMatch(/\n\{(healthy|degraded),\s*#\{status => idle,/);
    expect(stdout).toMatch(/\n\[\{name,erlmcp_registry\},[\s\S]*\{size,\d+\}/);
    expect(stdout).toMatch(/#\{key => "process\/counter\/runner 2\.1\.0 \(r1\)",\s*kind => "process"/);
    expect(stdout).toMatch(/\n#\{count => 1\}\n$/);
    await eventually('the line of the log', () =>
      /\[INFO\] Console: ets:tab2list\(erlmcp_registry\)\. user=inspector@127\.0\.0\.1 console=\S+ component=console/.test(
        node.log('erlmcp'),
      ),
    );
    expect(statSync(join(node.home, 'run/erlmcp.sock')).mode & 0o777).toBe(0o600);
  });

  it('runs the smoke test on the live node', async () => {
    const node = await startNode();
    const shown = await eventually('an answer in time', async () => {
      const { code, stdout } = await node.ctl('eval', cites('console.smoke_test'));
      return code === 0 ? stdout : undefined;
    });
    expect(shown).toMatch(/^\{ok,\[\{version,passed,"2\.1\.0"\},/);
    expect(shown).toMatch(/\{transport_http,passed,"6 tools"\}/);
  });

  it('is that of the node which is meant', async () => {
    const node = await startNode({ config: { cookie: 'own' } });
    const open = (options: string) => inConsole(node, `erl ${options}`, ['1.']);
    const missed = await open('-name a@b -setcookie erlmcp -remsh erlmcp@127.0.0.1');
    expect(missed).toMatchObject({ code: 1, stdout: '' });
    expect(missed.stderr).toMatch(/^erl: \{bad_cookie, "erlmcp"\}: [^\n]*\n$/);
    const other = await open('-remsh erlmcp@10.1.2.3');
    expect(other).toMatchObject({ code: 69, stdout: '' });
    expect(other.stderr).toMatch(/^erl: \{nodedown, "erlmcp@10\.1\.2\.3"\}: [^\n]*\n$/);
    expect((await open('-remsh erlmcp@localhost -eval x')).code).toBe(64);
    expect(await open('-sname me -setcookie own -remsh erlmcp@localhost')).toMatchObject({
      code: 0,
      stdout: '1\n',
    });
    await node.erlmcp('stop');
    expect((await open('-setcookie own -remsh erlmcp@127.0.0.1')).code).toBe(69);
  });

  it('tells of the live node, before an upgrade and after it', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    const { id } = await client.call<{ id: string }>('note_add', { text: 'kept' });
    const before = await text(node, 'erlang:whereis(counter).');
    expect(before).toMatch(/^<\d+\.\d+\.\d+>$/);
    expect(await text(node, `erlang:process_info(${before}).`)).toMatch(/^\[\{registered_name,counter\},/);
    expect(await text(node, 'supervisor:which_children(workspace_sup).')).toContain(
      `{counter,${before},worker,[counter]}`,
    );
    expect(await value(node, 'supervisor:count_children(workspace_sup).')).toMatchObject({
      specs: 1,
      active: 1,
    });
    expect(await text(node, `ets:lookup(notes, "${id}").`)).toMatch(/^\[#\{[\s\S]*text => "kept"/);
    expect(await text(node, 'ets:lookup(notes, none).')).toBe('[]');
    expect(await value(node, 'await ets.all()')).toEqual(
      expect.arrayContaining(['notes', 'erlmcp_registry']),
    );

    expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(0);
    expect(await value(node, 'await erlmcp_upgrade_coordinator.get_upgrade_status()')).toMatchObject({
      status: 'completed',
      current_version: '3.0.0',
      phases_completed: expect.arrayContaining(['pre_flight_checks', 'post_flight_checks']),
    });
    expect(await text(node, 'erlang:whereis(counter).')).toBe(before);
    expect(await value(node, 'ets:tab2list(notes).')).toEqual([
      expect.objectContaining({ tags: expect.anything() }),
    ]);
    expect(await value(node, 'application:which_applications().')).toContainEqual([
      'workspace',
      expect.stringMatching(/^runner 3\.0\.0/),
      '3.0.0',
    ]);

    expect((await node.script('upgrade.sh', '9.9.9')).code).toBe(1);
    expect(await text(node, 'erlmcp_upgrade_coordinator:get_upgrade_status().')).toMatch(
      /status => failed[\s\S]*error_reason =>\s+\{[a-z_]+,/,
    );
  });

  it('shows a large table in part, and says so', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    for (let round = 0; round < 21; round++)
      await Promise.all(Array.from({ length: 50 }, () => client.call('note_add', { text: 'x'.repeat(200) })));
    const shown = await text(node, 'ets:tab2list(notes).');
    expect(shown.match(/#\{id =>/g)).toHaveLength(1_000);
    expect(shown).toMatch(/\n\.\.\. and 50 more rows\. ets:lookup\(notes, Key\)\. reads any one\.$/);
    expect(await value(node, '(await ets.info("notes")).size')).toBe(1_050);
    for (let round = 0; round < 3; round++) await client.call('note_add', { text: 'y'.repeat(600_000) });
    expect((await text(node, 'ets:tab2list(notes).')).length).toBeLessThan(2_000_000);
  });

  it('goes through a table by its keys, and folds all of its rows', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    expect(await text(node, 'ets:first(notes).')).toBe("'$end_of_table'");
    const added: string[] = [];
    for (let round = 0; round < 21; round++) {
      const notes = await Promise.all(
        Array.from({ length: 50 }, () => client.call<{ id: string }>('note_add', { text: 'one' })),
      );
      added.push(...notes.map(({ id }) => id));
    }
    const ids = added.sort();
    const key = async (expression: string) => JSON.parse(await text(node, expression));
    expect(await key('ets:first(notes).')).toBe(ids[0]);
    expect(await key('ets:last(notes).')).toBe(ids.at(-1));
    expect(await key(`ets:next(notes, "${ids[0]}").`)).toBe(ids[1]);
    expect(await key(`ets:prev(notes, "${ids.at(-1)}").`)).toBe(ids.at(-2));
    // The key itself need not be there.
    expect(await key(`ets:next(notes, "${ids[0]}-").`)).toBe(ids[1]);
    expect(await text(node, `ets:next(notes, "${ids.at(-1)}").`)).toBe("'$end_of_table'");
    const fold = "await ets.foldl((note, sum) => sum + note.text.length, 0, 'notes')";
    expect(await value(node, fold)).toBe(3 * 1_050);
    expect(await value(node, "await ets.foldl((note, all) => [...all, note.id], [], 'notes')")).toEqual(ids);
    const refused = await node.ctl('eval', 'ets:foldl(fun(_, Sum) -> Sum + 1 end, 0, notes).');
    expect([refused.code, refused.stderr]).toEqual([64, expect.stringContaining('ets.foldl')]);
  });

  it('says what is not there, in one line, and goes on', async () => {
    const node = await startNode({ config: { runner: { restart_min_ms: 60_000, restart_max_ms: 60_000 } } });
    const typed = [
      'ets:info(nope).',
      'ets:tab2list(nope).',
      'sys:get_state(nobody).',
      'sys:get_state(erlmcp_sup).',
      'foo(',
      ').',
      '[1',
    ];
    const { code, stdout, stderr } = await inConsole(node, 'erlmcpctl remote_console', typed);
    expect(code).toBe(1);
    expect(stdout).toBe('undefined\n');
    expect(stderr.split('\n').map((line) => line.replace(/^erlmcpctl: |: .*$/g, ''))).toEqual([
      '{badarg, nope}',
      '{noproc, nobody}',
      '{badarg, erlmcp_sup}',
      "{undef, 'foo/0'}",
      '{error, "SyntaxError"}',
      '',
    ]);
    // The one that follows at once, and has not served yet, is followed by none for a minute.
    for (let ended = 0; ended < 2; ended++) {
      const pid = await eventually('a runner', () => node.runners().find(alive));
      process.kill(pid, 'SIGKILL');
      await eventually('its end', () => !alive(pid));
    }
    await eventually(
      'a smoke test that fails',
      async () =>
        /^\{error,\s*\[\{version,failed,/.test(
          await text(node, 'erlmcp_upgrade_smoke_test:run_post_upgrade_checks().'),
        ),
      SLOW_MS / 2,
    );
    const unread = await node.ctl('eval', 'ets:tab2list(notes).');
    expect(unread).toMatchObject({ code: 1, stdout: '' });
    expect(unread.stderr).toMatch(/^erlmcpctl: \{no_active_runner, "none"\}: [^\n]*\n$/);
  });

  it('never ends the node', async () => {
    const node = await startNode();
    const { pid } = node;
    for (const expression of ['q().', 'halt().', 'process.exit(1)', 'while (true) {}', 'init:stop().'])
      expect((await node.ctl('eval', expression)).code, expression).not.toBe(0);
    expect(alive(pid)).toBe(true);
    expect(existsSync(join(node.home, 'run/erlmcp.sock'))).toBe(true);
    expect((await node.ctl('status')).code).toBe(0);
  });
});
