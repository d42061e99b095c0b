import { describe, expect, test } from 'vitest';
import {
  genServer,
  noreply,
  type PersistencePort,
  ProcessTable,
  reply,
  Supervisor,
} from '../../src/otp/index.ts';
import { counter, eventually, gate, reasonOf } from './support.ts';

type Calls = { add: (item: string) => number; all: () => string[]; mutate: () => null; crash: () => never };

const basketOf = (version: number) =>
  genServer<{ items: string[] }, Calls>({
    name: 'basket',
    version,
    persist: true,
    init: () => ({ items: [] }),
    codeChange: (old, state) => ({ items: [`was ${old}`, ...(state as { items: string[] }).items] }),
    handleCall(request, _from, state) {
      if (request[0] === 'add') {
        return reply(state.items.length + 1, { items: [...state.items, request[1]] });
      }
      if (request[0] === 'mutate') state.items = [];
      if (request[0] === 'crash') throw new Error('crash');
      return reply(request[0] === 'all' ? state.items : null, state);
    },
  });

/** Keeps clones, and notes each save. */
function memory() {
  const saved = new Map<string, { version: number; state: unknown }>();
  const log: string[] = [];
  const port: PersistencePort = {
    load: async (name) => structuredClone(saved.get(name)),
    save: async (name, version, state) => {
      await new Promise((resolve) => setImmediate(resolve));
      saved.set(name, structuredClone({ version, state }));
      log.push(`saved ${JSON.stringify(state)}`);
    },
  };
  return { port, saved, log };
}

describe('persist: true', () => {
  test('a new state is saved before its reply; an unchanged one is not saved', async () => {
    const { port, log } = memory();
    const table = new ProcessTable({ persistence: port });
    await table.start(basketOf(1));
    await table.call('basket', ['add', 'egg']).then(() => log.push('replied'));
    await table.call('basket', ['all']);
    expect(log).toEqual(['saved {"items":["egg"]}', 'replied']);
  });

  test('the state outlives a crash, and is converted for another version', async () => {
    const { port } = memory();
    const table = new ProcessTable({ persistence: port });
    const root = new Supervisor({ name: 'sup', children: [{ id: 'b', start: basketOf(1) }] }, { table });
    await root.start();
    await table.call('basket', ['add', 'egg']);
    const before = table.whereis('basket');
    expect(await reasonOf(table.call('basket', ['crash']))).toBe('{error, "crash"}');
    await eventually(() => ![undefined, before].includes(table.whereis('basket')), 'a restart');
    expect(await table.call('basket', ['all'])).toEqual(['egg']);
    await root.stop();
    const later = new ProcessTable({ persistence: port });
    await later.start(basketOf(2));
    expect(await later.call('basket', ['all'])).toEqual(['was 1', 'egg']);
  });

  test('a mutated state ends the process by name', async () => {
    const table = new ProcessTable({ persistence: memory().port });
    await table.start(basketOf(1));
    expect(await reasonOf(table.call('basket', ['mutate']))).toMatch(/^\{type_error, .*read only/);
  });

  test('a state that can not be saved is not replied with: caller and process fail', async () => {
    const { port } = memory();
    const table = new ProcessTable({
      persistence: { ...port, save: () => Promise.reject(new Error('disk full')) },
    });
    await table.start(basketOf(1));
    const failed = table.call('basket', ['add', 'egg']);
    expect(await reasonOf(failed)).toBe('{persist_failed, basket}');
    await expect(failed).rejects.toThrow('disk full');
    expect(table.whereis('basket')).toBeUndefined();
  });

  test('without a port such a server does not start; others do', async () => {
    const table = new ProcessTable();
    expect(await reasonOf(table.start(basketOf(1)))).toBe('{no_persistence, basket}');
    await table.start(counter);
  });

  test('a save under way counts as work: a suspension waits for it', async () => {
    const { opened, open } = gate();
    const saved: unknown[] = [];
    const port: PersistencePort = {
      load: async () => undefined,
      save: async (_name, _version, state) => {
        await opened;
        saved.push(state);
      },
    };
    const table = new ProcessTable({ persistence: port });
    const noting = genServer<{ n: number }, Record<never, never>, { bump: () => void }>({
      name: 'noting',
      version: 1,
      persist: true,
      init: () => ({ n: 0 }),
      handleCall: (_request, _from, state) => noreply(state),
      handleCast: (_message, { n }) => noreply({ n: n + 1 }),
    });
    await table.start(noting);
    table.cast('noting', ['bump']);
    await eventually(() => table.info('noting')?.status === 'running', 'the save');
    const suspended = table.suspend({ deadlineMs: 5000 });
    expect(table.stage).toBe('draining');
    open();
    await suspended;
    expect(saved).toEqual([{ n: 1 }]);
    expect(table.snapshot()[0]?.state).toEqual({ n: 1 });
  });
});
