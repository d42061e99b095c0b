import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { METHODS } from '../../src/control/index.ts';
import { cites } from '../requirements.ts';
import { printedRow } from '../support/printed.ts';
import { makeHome, startNode, type TestNode } from '../support/test-node.ts';

/** `On-Call (Primary): +1-555-0101` as the configuration has it, and as the command prints it. */
const PEOPLE = {
  on_call: cites('contact.primary'),
  on_call_secondary: cites('contact.secondary'),
  escalation: cites('contact.manager'),
  chat: cites('contact.chat'),
};
const MATRIX = [
  cites('escalation.s1'),
  cites('escalation.s2'),
  cites('escalation.s3'),
  cites('escalation.s4'),
];

const split = (text: string): [string, string] => text.split(': ') as [string, string];
const contacts = Object.fromEntries(Object.entries(PEOPLE).map(([key, text]) => [key, split(text)[1]]));

function expectRunbook(stdout: string): void {
  for (const [role, contact] of Object.values(PEOPLE).map(split))
    expect(printedRow(stdout, 'ROLE', role)).toEqual({ ROLE: role, CONTACT: contact });
  for (const text of MATRIX) {
    const [severity = '', time, path] = text.split(' | ');
    expect(printedRow(stdout, 'SEVERITY', severity)).toEqual({
      SEVERITY: severity,
      'RESPONSE TIME': time,
      'ESCALATION PATH': path,
    });
  }
}

const change = ({ home }: TestNode, members: Record<string, unknown>): void => {
  const path = join(home, 'erlmcp.json');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...members }));
};

it("are the runbook's: from the node, and from its file when it is down", async () => {
  const node = await startNode({ config: { contacts } });
  const live = await node.ctl('contacts');
  expect([live.code, live.stderr]).toEqual([0, '']);
  expectRunbook(live.stdout);
  const answer = METHODS.contacts.result.parse(await node.ctlJson('contacts'));

  await node.erlmcp('stop');
  const down = await node.ctl('contacts');
  expect(down).toMatchObject({ code: 0, stdout: live.stdout });
  expect(down.stderr).toMatch(/^erlmcpctl: \{node_not_reachable, [^\n]*erlmcp\.json[^\n]*\n$/);
  const json = await node.ctl('contacts', '--json');
  expect(JSON.parse(json.stdout)).toEqual(answer);
});

it('change with the configuration, of a live node when it starts', async () => {
  const node = await startNode({ config: { contacts } });
  const lead = { contacts: { lead: 'ada@example.com' } };
  const escalation = [{ severity: 'P1', response_time: 'at once', path: 'everybody' }];
  change(node, { ...lead, escalation });
  expectRunbook((await node.ctl('contacts')).stdout);
  await node.erlmcp('stop');

  const expected = { contacts: [{ role: 'Engineering Lead', contact: 'ada@example.com' }], escalation };
  expect(await node.ctlJson('contacts')).toEqual(expected);
  await node.start();
  expect(await node.ctlJson('contacts')).toEqual(expected);
});

it.each([
  ['no file', undefined, 'There is no such file'],
  ['no JSON', '{"contacts": ', "can't be read"],
  ['no configuration', '[', "can't be read"],
  ['a text', '"contacts"', 'holds no configuration'],
  ['other kinds of value', '{"contacts": {"on_call": 7}, "escalation": [{"severity": 1}]}', ''],
  ['no object', '{"contacts": null, "escalation": "S1"}', ''],
])('of a node that is down, with %s: the defaults, and what is wrong', async (_, text, complaint) => {
  const node = await makeHome();
  if (text !== undefined) writeFileSync(join(node.home, 'erlmcp.json'), text);
  const { code, stdout, stderr } = await node.ctl('contacts');
  expect([code, stderr]).toEqual([0, expect.stringContaining(complaint)]);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stdout).toContain('No contacts are given');
  expect(printedRow(stdout, 'SEVERITY', 'S4 - Low')['ESCALATION PATH']).toBe('Standard support');
});

it('come from the environment before the file, down or up', async () => {
  const node = await startNode({ config: { contacts } });
  await node.erlmcp('stop');
  Object.assign(node.env, {
    ERLMCP_CONTACTS_CHAT: '#elsewhere',
    ERLMCP_ESCALATION: '[{"severity":"P1","response_time":"now","path":"all"}]',
  });
  const down = await node.ctlJson('contacts');
  await node.start();
  expect(await node.ctlJson('contacts')).toEqual(down);
  expect(JSON.stringify(down)).toMatch(/#elsewhere.*"P1"/);
});
