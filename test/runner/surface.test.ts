import { McpServer, ResourceTemplate } from '@modelcontextprotocol/server';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { readSurface } from '../../src/runner/inner-client.ts';

function server(): McpServer {
  const made = new McpServer({ name: 'x', version: '1' });
  const result = () => ({ content: [{ type: 'text' as const, text: '' }] });
  made.registerTool(
    'look',
    { inputSchema: z.object({ a: z.int() }), annotations: { readOnlyHint: true } },
    result,
  );
  return made;
}

it('holds what each list gives; a server without a list has none', async () => {
  const surface = await readSurface(server);
  expect(surface.tools).toMatchObject([{ name: 'look', readOnly: true, idempotent: false }]);
  expect([surface.prompts, surface.resources, surface.unread]).toEqual([[], [], undefined]);
  expect(surface.capabilities).toHaveProperty('tools');
});

it('names the list that the server answers with an error, and holds the others', async () => {
  const surface = await readSurface(() => {
    const made = server();
    const list = () => Promise.reject(new Error('no process counter'));
    made.registerResource('each', new ResourceTemplate('a://{id}', { list }), {}, () => ({ contents: [] }));
    return made;
  });
  expect(surface.unread).toEqual({ resources: expect.stringContaining('no process counter') });
  expect(surface.resourceTemplates).toMatchObject([{ uriTemplate: 'a://{id}' }]);
  expect(surface.tools).toHaveLength(1);
});

it('fails where the factory does', async () => {
  const broken = (): McpServer => {
    throw new Error('no licence');
  };
  await expect(readSurface(broken)).rejects.toThrow('no licence');
});
