import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { add, lens, session, table, transaction } from '../../src/index.ts';
import { defineApplication } from '../../src/runner/application.ts';
import { describe as describeRelease } from '../../src/runner/describe.ts';
import { openSessions } from '../../src/runner/open-sessions.ts';
import { Storage } from '../../src/runner/storage.ts';
import { tempFolder } from '../release/fixtures.ts';
import { codeOf, refusal, tempDir, tempStore } from '../tables/helpers.ts';

const Draft = z.object({ text: z.string(), tags: z.array(z.string()) });
const draft = session.state<z.infer<typeof Draft>>({
  name: 'draft',
  version: 1,
  schema: Draft,
  init: () => ({ text: '', tags: [] }),
});

const CHANNEL = {};
const opened: [string, object][] = [];

/** As a handler of this session sees it, while its channel is open. */
function contextOf(id: string, channel: object = CHANNEL): { sessionId: string } {
  openSessions.opened(id, channel);
  opened.push([id, channel]);
  return { sessionId: id };
}

afterEach(() => {
  for (const [id, channel] of opened.splice(0)) openSessions.closed(id, channel);
});

async function attached() {
  const store = await tempStore();
  await store.attach([draft.table]);
  return store;
}

describe('state of a session', () => {
  it('is what init gives until it is written, and apart for each session', async () => {
    await attached();
    const [one, other] = [contextOf('one'), contextOf('other')];
    expect(draft.get(one)).toEqual({ text: '', tags: [] });
    draft.get(one).tags.push('lost');
    await draft.put(one, { text: 'a', tags: ['x'] });
    expect(await draft.update(one, (state) => ({ ...state, text: `${state.text}b` }))).toEqual({
      text: 'ab',
      tags: ['x'],
    });
    expect(draft.get(one)).toEqual({ text: 'ab', tags: ['x'] });
    expect(draft.get(other)).toEqual({ text: '', tags: [] });
    await draft.delete(one);
    expect(draft.get(one)).toEqual({ text: '', tags: [] });
  });

  it('is changed by updates that wait for each other', async () => {
    await attached();
    const context = contextOf('one');
    const append = (tag: string) => draft.update(context, (old) => ({ ...old, tags: [...old.tags, tag] }));
    await Promise.all(['a', 'b', 'c'].map(append));
    expect(draft.get(context).tags).toEqual(['a', 'b', 'c']);
  });

  it('stays as it is when an update gives undefined, which gives what there is', async () => {
    await attached();
    const context = contextOf('one');
    expect(await draft.update(context, () => undefined)).toEqual({ text: '', tags: [] });
    expect(draft.table.count()).toBe(0);
  });

  it('is refused by its schema, with the field, and when it is a promise', async () => {
    await attached();
    const context = contextOf('one');
    const wrong = await refusal(() => draft.put(context, { text: 1, tags: [] } as never));
    expect(wrong.code).toBe('bad_row');
    expect(wrong.message).toContain('text');
    expect(await codeOf(() => draft.update(context, (async () => ({})) as never))).toBe(
      'promise_in_transaction',
    );
    expect(draft.table.count()).toBe(0);
  });

  it('is written together with rows of other tables', async () => {
    const store = await attached();
    const notes = table<{ id: string }, string>({ name: 'notes', version: 1, key: 'id', storage: 'disc' });
    await store.attach([notes]);
    const key = draft.keyOf(contextOf('one'));
    const write = (fail: boolean) =>
      transaction(notes, (within) => {
        within(notes).put({ id: '1' });
        within(draft.table).put({ session: key, text: 'sent', tags: [] });
        if (fail) throw new Error('no');
      });
    await expect(write(true)).rejects.toThrow('no');
    expect([notes.count(), draft.table.count()]).toEqual([0, 0]);
    await write(false);
    expect([notes.count(), draft.get({ sessionId: 'one' }).text]).toEqual([1, 'sent']);
  });
});

describe('without a session', () => {
  it('there is no state, and the error says what to do instead', async () => {
    await attached();
    expect(session.idOf({})).toBeUndefined();
    expect(() => draft.get({})).toThrow(expect.objectContaining({ code: 'no_session' }));
    expect(() => draft.get({})).toThrow(/session state draft: .*2026-07-28.* keep what it needs in a table/);
    for (const write of [
      draft.put({}, { text: '', tags: [] }),
      draft.update({}, (state) => state),
      draft.delete({}),
    ])
      await expect(write).rejects.toMatchObject({ code: 'no_session' });
  });

  it('that is open here nothing is written; a later channel of the session counts, not the one before', async () => {
    await attached();
    const [before, after] = [{}, {}];
    const context = contextOf('one', before);
    openSessions.opened('one', after);
    openSessions.closed('one', before);
    await draft.put(context, { text: 'a', tags: [] });
    openSessions.closed('one', after);
    const refused = draft.put(context, { text: 'b', tags: [] });
    await expect(refused).rejects.toMatchObject({ code: 'session_over' });
    expect(draft.get(context).text).toBe('a');
  });
});

describe('a declaration', () => {
  const declare = (spec: object) => () =>
    session.state({ name: 'draft', version: 1, init: () => ({}), ...spec } as never);

  it.each([
    ['a name that is no atom', { name: 'Draft' }, /session state Draft: its name/],
    ['a version of 0', { version: 0 }, /version is 1…65535/],
    ['no init', { init: undefined }, /init must be a function/],
    ['a state that is no object', { init: () => [] }, /must be an object/],
    ['a field that is the id’s', { init: () => ({ session: 1 }) }, /no field session/],
    ['a schema that refuses init', { schema: z.object({ n: z.int() }) }, /refuses what init gives.*"n"/s],
  ])('with %s is refused', (_what, spec, message) => {
    expect(declare(spec)).toThrow(message);
  });

  const natural = (row: unknown): { n: number } => {
    const { n } = row as { n: number };
    if (n < 0) throw new Error('n is below 0');
    return { n };
  };

  it.each([
    ['of a strict object', z.strictObject({ n: z.int() }), { n: 1, m: 2 }],
    ['with a refinement', z.object({ n: z.int() }).refine(({ n }) => n >= 0), { n: -1 }],
    ['of another kind', z.union([z.object({ n: z.int() }), z.object({ m: z.int() })]), { x: 1 }],
    ['that is not zod’s', { parse: natural }, { n: -1 }],
  ])('takes a schema %s', async (_kind, schema, wrong) => {
    const state = session.state<object>({ name: 'n', version: 1, schema, init: () => ({ n: 0 }) });
    const store = await tempStore();
    await store.attach([state.table]);
    const context = contextOf('one');
    await state.put(context, { n: 3 });
    expect(await codeOf(() => state.put(context, wrong))).toBe('bad_row');
    expect(state.get(context)).toEqual({ n: 3 });
  });

  it('stands among the tables of an application, whose manifest has its shape with the id', () => {
    const application = defineApplication({ name: 'shelf', vsn: '1.0.0', tables: [draft], mcp: () => null! });
    const { tables } = describeRelease({ name: 'shelf', vsn: '1.0.0', applications: [application] });
    expect(tables).toMatchObject([{ name: 'session.draft', key: 'session', storage: 'disc', version: 1 }]);
    expect(tables[0]?.shape).toMatchObject({ required: ['text', 'tags', 'session'] });
    expect(defineApplication(application).tables).toEqual([draft.table]);
  });

  it('is the only way to a table of such a name', () => {
    const own = table<{ id: string }>({ name: 'session.own', version: 1, key: 'id', storage: 'disc' });
    const define = () => defineApplication({ name: 'shelf', vsn: '1.0.0', tables: [own] });
    expect(define).toThrow(/application shelf: table session.own: rows .* removed with their session/);
  });
});

describe('two versions of a state', () => {
  interface Draft2 {
    text: string;
    tags: string[];
    tone: string;
  }
  const newer = session.state<Draft2>({
    name: 'draft',
    version: 2,
    init: () => ({ text: '', tags: [], tone: 'plain' }),
  });
  type Row1 = z.infer<typeof Draft> & { session: string };
  const chains = {
    'session.draft': [
      { version: 1 },
      { version: 2, lens: lens<Row1, Row1 & { tone: string }>()(add('tone', 'plain')) },
    ],
  };

  it('share it through the lens, and the older one keeps what it does not know', async () => {
    const dir = tempDir();
    const [first, second] = [await tempStore({ dir }), await tempStore({ dir })];
    await first.attach([draft.table], chains);
    await second.attach([newer.table], chains);
    const context = contextOf('one');
    await draft.put(context, { text: 'a', tags: [] });
    second.refresh();
    expect(newer.get(context)).toEqual({ text: 'a', tags: [], tone: 'plain' });
    await newer.update(context, (state) => ({ ...state, tone: 'warm' }));
    first.refresh();
    await draft.update(context, (state) => ({ ...state, text: 'b' }));
    second.refresh();
    expect(newer.get(context)).toEqual({ text: 'b', tags: [], tone: 'warm' });
  });
});

describe('forgetting sessions', () => {
  const application = defineApplication({ name: 'shelf', vsn: '1.0.0', tables: [draft] });
  const open = (dir: string, applications = [application]) =>
    Storage.open(dir, applications, undefined, false, () => {});

  it('comes after what they have written in this runner, and leaves others alone', async () => {
    const storage = await open(await tempFolder());
    const [one, other] = [contextOf('one'), contextOf('other')];
    await draft.put(other, { text: 'kept', tags: [] });
    const writes = [1, 2, 3].map((at) => draft.put(one, { text: String(at), tags: [] }));
    expect(await storage.forgetSessions(['one', 'never'])).toBe(1);
    await Promise.all(writes);
    storage.refresh();
    expect(draft.get(one).text).toBe('');
    expect(draft.get(other).text).toBe('kept');
    await storage.close();
  });

  it('also removes the states of a release that does not run now', async () => {
    const dir = await tempFolder();
    const before = await open(dir);
    await draft.put(contextOf('one'), { text: 'a', tags: [] });
    await before.close();
    const now = await open(dir, [defineApplication({ name: 'shelf', vsn: '0.9.0' })]);
    expect(await now.forgetSessions(['one'])).toBe(1);
    expect(await now.forgetSessions(['one'])).toBe(0);
    await now.close();
    now.refresh(); // messages may still come while the runner ends
  });
});
