import { expect, test } from 'vitest';
import { drawTree } from '../../src/ctl/output/tree.ts';

test('branches go on as long as a sibling follows', () => {
  expect(drawTree([0, 1, 2, 2, 1, 2, 3, 0, 1])).toEqual([
    '',
    '├─ ',
    '│  ├─ ',
    '│  └─ ',
    '└─ ',
    '   └─ ',
    '      └─ ',
    '',
    '└─ ',
  ]);
});
