/** What one section leaves to the next, as an operator does who opens another terminal in the same place. */
import type { Shell } from './shell.ts';

export interface Place {
  cwd: string;
  /** Exported variables. */
  env: NodeJS.ProcessEnv;
}

/** Generous: a busy machine is no reason to fail. */
const LIMIT_MS = 30_000;

export async function placeOf(shell: Shell): Promise<Place> {
  const { output } = await shell.run("pwd; env -0 | tr '\\0\\n' '\\n\\1'", { limitMs: LIMIT_MS });
  const [cwd = '/', ...variables] = output;
  const env = Object.fromEntries(
    variables.map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1).replaceAll('\u0001', '\n')];
    }),
  );
  return { cwd, env };
}
