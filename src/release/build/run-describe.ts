/** Runs a fresh runner bundle with `--describe`, to learn what it declares. */
import { execFile } from 'node:child_process';
import { OperatorError, tuple } from '../../errors/index.ts';
import { type ReleaseDescription, ReleaseDescriptionSchema } from '../description.ts';
import { MODULES_ANCHOR } from '../locations.ts';
import { firstIssue } from '../manifest.ts';

const DEADLINE_MS = 30_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Throws `{describe_failed, Reason}` with what the bundle said. */
export async function runDescribe(runner: string): Promise<ReleaseDescription> {
  const output = await run(runner);
  let json: unknown;
  try {
    json = JSON.parse(output);
  } catch (cause) {
    throw describeFailed('not_json', 'the applications print to stdout while they are loaded', cause);
  }
  const parsed = ReleaseDescriptionSchema.safeParse(json);
  if (!parsed.success) throw describeFailed('invalid', firstIssue(parsed.error), parsed.error);
  return parsed.data;
}

function run(runner: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [runner, '--describe'],
      {
        env: { ...process.env, ERLMCP_MODULES: MODULES_ANCHOR },
        timeout: DEADLINE_MS,
        killSignal: 'SIGKILL',
        maxBuffer: MAX_OUTPUT_BYTES,
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else if (error.killed)
          reject(describeFailed('timeout', `loading took over ${DEADLINE_MS} ms`, error));
        else reject(describeFailed('exit', errorLine(stderr) ?? error.message, error));
      },
    );
  });
}

/** The line of a stack trace that says what happened. */
const errorLine = (stderr: string): string | undefined =>
  stderr.split('\n').find((line) => /^\S*(Error|erlmcp)\b.*: /.test(line)) ??
  stderr.trim().split('\n').at(-1);

const describeFailed = (reason: string, sentence: string, cause: unknown): OperatorError =>
  new OperatorError(
    tuple('describe_failed', tuple(reason)),
    `the release's code can not be loaded: ${sentence}.`,
    'Correct the applications and build again.',
    { cause },
  );
