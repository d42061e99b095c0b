import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/ctl/commands/index.ts';
import { columnId } from '../column-requirements.ts';
import { REQUIREMENTS } from '../requirements.ts';
import { result } from './samples.ts';
import { ARGUMENTS, ctl, fakeNode } from './support.ts';

interface Module {
  COLUMNS?: readonly { head: string }[];
}

/** Those with which it draws its tables. */
const DRAWING: typeof ARGUMENTS = { ...ARGUMENTS, upgrade: ['3.0.0', '--dry-run'], stop: [] };
/** Those that draw one table or the other. */
const ALSO: typeof ARGUMENTS = { ets_tables: ['--verify'] };
/** Two words in capitals at least, two spaces between them: nothing but the heads of a table looks like that. */
const HEADS = /^(?:[A-Z0-9%]+(?: [A-Z0-9%]+)*)(?: {2,}[A-Z0-9%]+(?: [A-Z0-9%]+)*)+$/;

const listed = (command: string): string[] =>
  Object.keys(REQUIREMENTS)
    .filter((id) => id.startsWith(`column.${command}.`))
    .sort();

test.each(COMMANDS.map(({ name }) => name))(
  '%s draws the columns that are required, and no other',
  async (name) => {
    const entry = COMMANDS.find((each) => each.name === name)!;
    const { COLUMNS = [] } = (await entry.load()) as Module;
    const ids = COLUMNS.map(({ head }) => columnId(name, head));
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(listed(name));

    const home = await fakeNode({
      upgrade_follow: () => ({
        ...result,
        kind: name === 'upgrade' ? 'dry_run' : 'downgrade',
        findings: [{ name: 'disk', status: 'passed', value: 1, limit: 2 }],
      }),
    });
    const { stdout } = await ctl(home, [name, ...(DRAWING[name] ?? [])]);
    const also = ALSO[name] ? (await ctl(home, [name, ...ALSO[name]])).stdout : '';
    const drawn = `${stdout}\n${also}`
      .split('\n')
      .filter((line) => HEADS.test(line))
      .flatMap((line) => line.split(/ {2,}/));
    expect(drawn.map((head) => columnId(name, head)).sort()).toEqual([...ids].sort());
  },
);

test('no requirement is that of a command which is not there', () => {
  const names = new Set(COMMANDS.map(({ name }) => name));
  const commands = Object.keys(REQUIREMENTS).flatMap((id) => /^column\.([^.]+)\./.exec(id)?.[1] ?? []);
  expect(commands.filter((command) => !names.has(command))).toEqual([]);
});
