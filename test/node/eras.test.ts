import { describe, expect, it } from 'vitest';
import { call2026, messagesOf, post2026, SessionClient } from '../support/mcp.ts';
import { eventually, startNode } from '../support/test-node.ts';

const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';

describe('both eras on one node', () => {
  it('share tables and servers', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    const { id } = await client.call<{ id: string }>('note_add', { text: 'one store' });
    expect(await call2026(node.url, 'note_get', { id })).toMatchObject({ text: 'one store' });
    await client.call('counter_increment');
    expect(await call2026(node.url, 'counter_increment')).toEqual({ count: 2 });
  });

  it('two clients of 2026-07-28 with other capabilities and the same ids do not mix', async () => {
    const node = await startNode();
    const texts = Array.from({ length: 20 }, (_, index) => `note ${index}`);
    const answers = await Promise.all(
      texts.map(async (text, index) => {
        const meta = { [CAPABILITIES]: index % 2 === 0 ? { elicitation: {} } : { sampling: {} } };
        const response = await post2026(
          node.url,
          'tools/call',
          { name: 'note_add', arguments: { text } },
          { id: 'same', meta },
        );
        const [answer] = await messagesOf(response);
        expect(answer?.id).toBe('same');
        return String(answer?.result?.structuredContent?.id);
      }),
    );
    expect(new Set(answers).size).toBe(texts.length);
    for (const [index, id] of answers.entries())
      expect(await call2026(node.url, 'note_get', { id })).toMatchObject({ text: texts[index] });
  });

  it('a closed response stream cancels the call of 2026-07-28, not that of 2025', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    const inFlight = async () =>
      (await node.ctlJson<{ sessions: { calls_in_flight: number } }>('status')).sessions.calls_in_flight;
    const modern = new AbortController();
    const old = new AbortController();
    const gone = [
      post2026(
        node.url,
        'tools/call',
        { name: 'sleep', arguments: { ms: 30_000 } },
        { signal: modern.signal },
      ),
      client.post(
        { id: 'old', method: 'tools/call', params: { name: 'sleep', arguments: { ms: 30_000 } } },
        old.signal,
      ),
    ].map((sent) => sent.catch(() => 'gone'));
    await eventually('both calls', async () => (await inFlight()) === 2);
    modern.abort();
    await eventually('one call to be cancelled', async () => (await inFlight()) === 1);
    old.abort();
    await Promise.all(gone);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await inFlight()).toBe(1);
    await (await client.post({ method: 'notifications/cancelled', params: { requestId: 'old' } })).text();
    await eventually('the other to be cancelled by name', async () => (await inFlight()) === 0);
  });

  it('a listening client of 2026-07-28 keeps its stream and its subscription id over an upgrade', async () => {
    const node = await startNode();
    const abort = new AbortController();
    const response = await post2026(
      node.url,
      'subscriptions/listen',
      { notifications: { toolsListChanged: true } },
      { id: 'my subscription', signal: abort.signal },
    );
    let text = '';
    const reading = (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>)
        text += decoder.decode(chunk, { stream: true });
    })().catch(() => {});
    await eventually('the acknowledgement', () => text.includes('notifications/subscriptions/acknowledged'));
    expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(0);
    await eventually('list_changed', () => text.includes('notifications/tools/list_changed'));
    const events = [...text.matchAll(/^data: (.+)$/gm)].map(
      ([, data]) => JSON.parse(data ?? '') as { method: string; params: { _meta: Record<string, unknown> } },
    );
    expect(events.map(({ method }) => method)).toEqual([
      'notifications/subscriptions/acknowledged',
      'notifications/tools/list_changed',
    ]);
    for (const { params } of events)
      expect(params._meta['io.modelcontextprotocol/subscriptionId']).toBe('my subscription');
    abort.abort();
    await reading;
  });

  it('a session’s log level and subscriptions are there again in the next runner', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    const stream = await client.stream();
    expect(await client.request('logging/setLevel', { level: 'debug' })).toHaveProperty('result');
    const { id } = await client.call<{ id: string }>('note_add', { text: 'watched' });
    expect(await client.request('resources/subscribe', { uri: `note://${id}` })).toHaveProperty('result');
    expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(0);
    await eventually('resources/updated', () =>
      stream.messages.some(
        ({ method, params }) =>
          method === 'notifications/resources/updated' && (params as { uri: string }).uri === `note://${id}`,
      ),
    );
    expect(stream.messages.filter(({ method }) => method === 'notifications/resources/updated')).toHaveLength(
      1,
    );
    stream.close();
  });
});
