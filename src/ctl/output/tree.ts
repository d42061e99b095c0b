/** Draws the branches of a tree whose rows come in its order, each with its depth. */

/** What stands before each row: empty for a root. */
export function drawTree(depths: readonly number[]): string[] {
  return depths.map((depth, at) => {
    if (depth === 0) return '';
    const lines = Array.from({ length: depth - 1 }, (_, level) =>
      goesOn(depths, at, level + 1) ? '│  ' : '   ',
    );
    return `${lines.join('')}${goesOn(depths, at, depth) ? '├─ ' : '└─ '}`;
  });
}

/** Whether a later row hangs at this level, before the tree goes above it. */
function goesOn(depths: readonly number[], at: number, level: number): boolean {
  for (const depth of depths.slice(at + 1)) {
    if (depth < level) return false;
    if (depth === level) return true;
  }
  return false;
}
