import { once } from 'node:events';
import { expect, test } from 'vitest';
import { ctl, fakeNode, fakeNodeProcess, temporaryFolder } from './support.ts';

test('stop --yes lists who is connected, stops the node and waits until it is gone', async () => {
  const home = await temporaryFolder();
  const node = await fakeNodeProcess(home);
  const exited = once(node, 'exit');
  const { code, stdout } = await ctl(home, ['stop', '--yes']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/CLIENT +SESSION +TRANSPORT/);
  expect(stdout).toContain(`The node (pid ${node.pid}) has stopped.`);
  await exited;
  expect(node.exitCode).toBe(0);
});

test('control characters in the name of a client do not reach the terminal', async () => {
  const home = await fakeNode();
  const { stdout } = await ctl(home, ['stop']);
  expect(stdout).toContain('inspector\ufffd[31m');
});

test('off a terminal it stops nothing without --yes', async () => {
  let stopped = false;
  const home = await fakeNode({
    stop: () => {
      stopped = true;
      return { pid: process.pid, deadline_s: 1 };
    },
  });
  const { code, stderr } = await ctl(home, ['stop']);
  expect([code, stderr]).toEqual([64, expect.stringContaining('erlmcpctl stop --yes')]);
  expect(stopped).toBe(false);
});

test('124: a node that says it stops and does not', async () => {
  const home = await fakeNode({ stop: () => ({ pid: process.pid, deadline_s: 0 }) });
  const { code, stderr } = await ctl(home, ['stop', '--yes']);
  expect([code, stderr]).toEqual([124, expect.stringContaining(`{still_running, ${process.pid}}`)]);
});
