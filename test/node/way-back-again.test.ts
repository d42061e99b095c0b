import { expect, it } from 'vitest';
import { startNode, type TestNode } from '../support/test-node.ts';

interface Upgrade {
  outcome: string;
  phases: { phase: string; ms: number }[];
}

const pidsByVersion = (log: string): string[] =>
  [...log.matchAll(/Runner \w+ \((\S+)\) is serving pid=(\d+)/g)].map(([, vsn, pid]) => `${vsn} ${pid}`);

async function perform(node: TestNode, script: 'upgrade.sh' | 'downgrade.sh', vsn: string): Promise<void> {
  const { code, stderr } = await node.script(script, vsn);
  expect(code, stderr).toBe(0);
}

it('a version that was gone back to is kept warm in the next upgrade too, though it has nothing in flight', async () => {
  const node = await startNode();
  for (let round = 0; round < 2; round++) {
    await perform(node, 'upgrade.sh', '3.0.0');
    await perform(node, 'downgrade.sh', '2.1.0');
  }
  const served = pidsByVersion(node.log('erlmcp')).filter((line) => line.startsWith('2.1.0'));
  expect(served).toHaveLength(3);
  expect(new Set(served).size, served.join(', ')).toBe(1);
  const history = await node.ctlJson<Upgrade[]>('upgrades');
  expect(history.map(({ outcome }) => outcome)).toEqual(Array(4).fill('completed'));
});
