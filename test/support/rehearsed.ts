/** What a dry run must not touch, and leaves nothing of; and releases whose counter behaves in one way or another on the way. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildVariant } from '../../examples/workspace/variants.ts';
import { replaceIn } from './edit-sources.ts';
import type { TestNode } from './test-node.ts';

/** Digests of the files of the live tables. */
export const tableFiles = ({ home }: TestNode): string[] =>
  ['disc', 'ram'].map((storage) =>
    createHash('sha256')
      .update(readFileSync(join(home, 'data', storage, 'data.mdb')))
      .digest('hex'),
  );

/** Folders beside the stores of the node. */
export const copiesOf = ({ home }: TestNode): string[] =>
  readdirSync(join(home, 'data')).filter((name) => !['disc', 'ram', 'host'].includes(name));

/** Puts a release into the node's packages that is 3.0.0 but for callbacks of its counter. */
export const addCounterWith = ({ home }: TestNode, vsn: string, callbacks: string): Promise<unknown> =>
  buildVariant(
    {
      vsn,
      edit: (folder) => replaceIn(join(folder, 'counter.ts'), 'init: () =>', `${callbacks},\n  init: () =>`),
    },
    join(home, 'packages'),
  );
