/** The two releases of the matrix: like 2.1.0 and 3.0.0, with an index each, and faults in the code of the newer one. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildVariant } from '../../../examples/workspace/variants.ts';
import { replaceIn } from '../../support/edit-sources.ts';
import { AFTER, BEFORE } from './versions.ts';

/**
 * Looks notes up by their texts, as the index has them, and counts all entries of the index and all rows; null where a row can not be
 * read.
 */
const INDEX_TOOL = `
  server.registerTool(
    'index_check',
    { inputSchema: z.object({ ids: z.array(z.string()) }) },
    ({ ids }) => {
      const count = (read: () => Iterable<unknown>): number | null => { try { return [...read()].length; } catch { return null; } };
      const isFound = (id: string): boolean => notes.by('text', notes.get(id)?.text ?? '').some((note) => note.id === id);
      const missing = ids.filter((id) => !isFound(id));
      return toolResult({ missing, rows: count(() => notes.range({})), entries: count(() => notes.rangeBy('text')) });
    },
  );
`;

async function addIndex(folder: string): Promise<void> {
  await replaceIn(
    join(folder, 'notes.ts'),
    "type: 'ordered_set',",
    "type: 'ordered_set',\n  index: ['text'],",
  );
  const tools = join(folder, 'system-tools.ts');
  await replaceIn(
    tools,
    'import { toolResult }',
    "import { notes } from './notes.ts';\nimport { toolResult }",
  );
  const whoami = "  server.registerTool(\n    'whoami'";
  await replaceIn(tools, whoami, `${INDEX_TOOL}${whoami}`);
}

const HOLD_WRITER = `
/** Takes the writer lock, and loops inside of the transaction. */
export function holdWriter(): void {
  void notes.update('held', loop);
}
`;

async function addFaults(folder: string): Promise<void> {
  await addIndex(folder);
  await copyFile(join(import.meta.dirname, 'strike.ts'), join(folder, 'strike.ts'));
  const at = (file: string): string => join(folder, file);
  const importing = (names: string, from = 'strike'): string => `import { ${names} } from './${from}.ts';\n`;

  const end = '/** Resolves once the note is on disc. */';
  await replaceIn(at('notes.ts'), end, `${HOLD_WRITER}\n${end}`);
  await replaceIn(
    at('notes.ts'),
    "import { z } from 'zod';\n",
    `import { z } from 'zod';\n${importing('loop')}`,
  );

  const lens = '({ ...note, tags: [], priority: 0 })';
  await replaceIn(at('appup.ts'), lens, `{ strikeAt('lens'); return ${lens}; }`);
  await replaceIn(at('appup.ts'), 'interface NoteV1', `${importing('strikeAt')}\ninterface NoteV1`);

  const init = '  init: () => ({ count: 0, history: [] }),\n';
  const hooks = `  codeChange: (_version, state) => { strikeAt('code_change', holdWriter); return state as CounterState; },
  resumed: () => { strikeAt('resumed', holdWriter); arm(); },\n`;
  await replaceIn(at('counter.ts'), init, `${init}${hooks}`);
  const arm =
    'let armed = false;\nconst arm = (): void => { armed = true; };\nexport const isArmed = (): boolean => armed;\n\n';
  await replaceIn(
    at('counter.ts'),
    'export interface Increment',
    `${importing('holdWriter', 'notes')}${importing('strikeAt')}\n${arm}export interface Increment`,
  );

  const create = 'function createServer(): McpServer {\n';
  const strikes = "  strikeAt('factory', holdWriter);\n  if (isArmed()) strikeAt('serving', holdWriter);\n";
  await replaceIn(at('workspace.ts'), create, `${create}${strikes}`);
  await replaceIn(at('workspace.ts'), 'import { counter }', 'import { counter, isArmed }');
  await replaceIn(at('workspace.ts'), 'import { notes }', 'import { holdWriter, notes }');
  await replaceIn(
    at('workspace.ts'),
    'export default defineApplication',
    `${importing('strikeAt, strikeWhenTold')}\nstrikeAt('module');\nstrikeWhenTold(holdWriter);\n\nexport default defineApplication`,
  );
}

/** Builds both into the folder. */
export async function buildFaulty(folder: string): Promise<void> {
  await buildVariant({ vsn: BEFORE, base: '2.1.0', edit: addIndex }, folder);
  await buildVariant({ vsn: AFTER, edit: addFaults }, folder);
}
