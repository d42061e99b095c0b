/** Entry of erlmcpctl. The exit code is set, not forced, so that output to a slow pipe is written to its end. */
import { run } from './run.ts';

process.exitCode = await run(process.argv.slice(2));
