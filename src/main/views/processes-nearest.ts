/** The names that somebody may have meant. */

const MOST = 3;

/** At most three, the nearest first; none that is nothing alike. */
export function nearest(wanted: string, names: readonly string[]): string[] {
  const limit = Math.max(2, Math.floor(wanted.length / 2));
  return [...new Set(names)]
    .map((name) => ({ name, distance: name.includes(wanted) ? 1 : distance(wanted, name) }))
    .filter((candidate) => candidate.distance <= limit)
    .sort((one, other) => one.distance - other.distance || one.name.localeCompare(other.name))
    .slice(0, MOST)
    .map(({ name }) => name);
}

/** Letters to add, drop or change to get from one text to the other (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [at, letter] of [...from].entries()) {
    const next = [at + 1];
    for (let column = 1; column <= to.length; column++) {
      const change = (row[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1);
      next.push(Math.min(change, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
