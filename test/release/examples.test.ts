import type { McpServer } from '@modelcontextprotocol/server';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import appup2 from '../../examples/workspace/2.1.0/appup.ts';
import { NoteSchema as Note1 } from '../../examples/workspace/2.1.0/notes.ts';
import { registerSystemTools } from '../../examples/workspace/2.1.0/system-tools.ts';
import workspace2 from '../../examples/workspace/2.1.0/workspace.ts';
import appup3 from '../../examples/workspace/3.0.0/appup.ts';
import { counter, HISTORY_LIMIT } from '../../examples/workspace/3.0.0/counter.ts';
import { NoteSchema as Note2 } from '../../examples/workspace/3.0.0/notes.ts';
import workspace3 from '../../examples/workspace/3.0.0/workspace.ts';
import { call } from '../../src/otp/index.ts';
import { LensChain } from '../../src/tables/index.ts';
import { run } from './workspace.ts';

type ToolHandler = (args: unknown, context: unknown) => Promise<unknown>;

/** What 2.1.0 registers for a tool, to be called with a context of the test's own. */
function toolHandler(name: string): ToolHandler {
  const handlers = new Map<string, ToolHandler>();
  const server = { registerTool: (tool: string, _: unknown, run: ToolHandler) => handlers.set(tool, run) };
  registerSystemTools(server as unknown as McpServer);
  return handlers.get(name)!;
}

describe('release 2.1.0', () => {
  test('adds, gets and lists notes, newest first, under ids that are all different', async () => {
    const { tool } = await run(workspace2);
    const ids: string[] = [];
    for (const text of ['one', 'two', 'three']) ids.push(String((await tool('note_add', { text })).id));
    expect(new Set(ids).size).toBe(3);
    expect(await tool('note_get', { id: ids[1] })).toEqual({ id: ids[1], text: 'two' });
    const { notes } = await tool('note_list', { limit: 2 });
    expect(notes).toHaveLength(2);
    expect((await tool('note_list')).notes).toHaveLength(3);
    await expect(tool('note_get', { id: 'none' })).rejects.toThrow('There is no note none.');
  });

  test('counts in a server, says who it is, sleeps', async () => {
    const { tool } = await run(workspace2);
    expect(await tool('counter_increment')).toEqual({ count: 1 });
    expect(await tool('counter_increment')).toEqual({ count: 2 });
    expect(await tool('whoami')).toEqual({ version: '2.1.0', pid: process.pid });
    expect(await tool('sleep', { ms: 1 })).toEqual({ ms: 1 });
  });

  test('ends a sleep whose call is cancelled', async () => {
    const abort = new AbortController();
    const sleeping = toolHandler('sleep')({ ms: 3_600_000 }, { mcpReq: { signal: abort.signal } });
    abort.abort();
    await expect(sleeping).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('offers its tools as the runbook’s release does', async () => {
    const { client } = await run(workspace2);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual([
      'counter_increment',
      'note_add',
      'note_get',
      'note_list',
      'sleep',
      'whoami',
    ]);
    expect(tools.every(({ outputSchema }) => outputSchema !== undefined)).toBe(true);
    const readOnly = tools.filter(({ annotations }) => annotations?.readOnlyHint).map(({ name }) => name);
    expect(readOnly.sort()).toEqual(['note_get', 'note_list', 'whoami']);
    expect(client.getServerCapabilities()).toMatchObject({ tools: { listChanged: true }, logging: {} });
    expect(client.getServerVersion()).toMatchObject({ name: 'erlmcp', version: '2.1.0' });
  });
});

describe('release 3.0.0', () => {
  test('notes have tags and a priority, and can be searched', async () => {
    const { tool } = await run(workspace3);
    const { id } = await tool('note_add', { text: 'Call the Engineer', tags: ['urgent'], priority: 9 });
    const { id: plain } = await tool('note_add', { text: 'milk' });
    expect(await tool('note_get', { id })).toEqual({
      id,
      text: 'Call the Engineer',
      tags: ['urgent'],
      priority: 9,
    });
    expect(await tool('note_get', { id: plain })).toEqual({ id: plain, text: 'milk', tags: [], priority: 0 });
    for (const query of ['engineer', 'URGENT']) {
      expect((await tool('note_search', { query })).notes).toMatchObject([{ id }]);
    }
    expect((await tool('note_search', { query: 'i', limit: 1 })).notes).toHaveLength(1);
    await expect(tool('note_add', { text: 'x', priority: 10 })).rejects.toThrow();
  });

  test('the counter keeps a bounded history', async () => {
    const { tool, client } = await run(workspace3);
    for (let count = 1; count <= HISTORY_LIMIT + 5; count++) {
      expect(await tool('counter_increment')).toEqual({ count });
    }
    const { history } = await call(counter, ['history']);
    expect(history).toHaveLength(HISTORY_LIMIT);
    expect(history.at(-1)?.count).toBe(HISTORY_LIMIT + 5);
    const { contents } = await client.readResource({ uri: 'counter://history' });
    expect(JSON.parse((contents[0] as { text: string }).text)).toEqual({ history });
  });

  test('tells those who subscribed that the newest notes have changed', async () => {
    const { tool, client } = await run(workspace3);
    const updated: string[] = [];
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
      updated.push(params.uri);
    });
    await tool('note_add', { text: 'before' });
    await client.subscribeResource({ uri: 'notes://newest' });
    const { id } = await tool('note_add', { text: 'after' });
    await client.ping();
    expect(updated).toEqual(['notes://newest']);
    const { contents } = await client.readResource({ uri: `note://${id}` });
    expect(JSON.parse((contents[0] as { text: string }).text)).toMatchObject({ id, text: 'after' });
    await client.unsubscribeResource({ uri: 'notes://newest' });
    await tool('note_add', { text: 'unheard' });
    await client.ping();
    expect(updated).toHaveLength(1);
  });
});

describe('the lenses of 3.0.0', () => {
  const note1 = fc.record({ id: fc.string({ minLength: 1 }), text: fc.string() });
  const note2 = fc.record({
    id: fc.string({ minLength: 1 }),
    text: fc.string(),
    tags: fc.array(fc.string({ minLength: 1 })),
    priority: fc.integer({ min: 0, max: 9 }),
  });
  const notes = new LensChain({ name: 'notes', key: 'id' }, appup3.tables.notes!);
  const lens = appup3.servers.counter?.[1]?.lens;

  test('begin where 2.1.0 is, and end at the versions that the release declares', () => {
    expect(appup2.tables.notes?.at(-1)?.version).toBe(1);
    expect(appup3.tables.notes?.map(({ version }) => version)).toEqual([1, 2]);
    expect(workspace3.tables.map(({ version }) => version)).toEqual([2]);
  });

  test('down(up(x)) is x, and each side is what its schema allows', () => {
    fc.assert(
      fc.property(note1, (note) => {
        const up = notes.view(note, 1, 2);
        expect(Note2.parse(up)).toEqual(up);
        expect(notes.view(up, 2, 1)).toEqual(note);
      }),
    );
    fc.assert(
      fc.property(note2, (note) => {
        const down = notes.view(note, 2, 1);
        expect(Note1.parse(down)).toEqual(down);
      }),
    );
  });

  test('what 2.1.0 writes over a note of 3.0.0 keeps tags and priority', () => {
    fc.assert(
      fc.property(note2, fc.string(), (note, text) => {
        const back = notes.putBack({ id: note.id, text }, 1, note, 2);
        expect(back).toEqual({ ...note, text });
        expect(notes.view(back, 2, 1)).toEqual({ id: note.id, text });
      }),
    );
  });

  test('the counter keeps its count in both directions', () => {
    fc.assert(
      fc.property(fc.nat(), (count) => {
        const up = lens?.up({ count });
        expect(up).toEqual({ count, history: [] });
        expect(lens?.down(up)).toEqual({ count });
      }),
    );
  });
});
