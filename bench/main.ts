/** `npm run bench -- <name> [options]` */
import { benchHttp } from './http/run.ts';
import { benchOtp } from './otp/run.ts';
import { benchTables } from './tables.ts';
import { benchUpgrade } from './upgrade.ts';

const BENCHES: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  http: benchHttp,
  otp: benchOtp,
  tables: benchTables,
  upgrade: benchUpgrade,
};

const [name = '', ...args] = process.argv.slice(2);
const bench = BENCHES[name];
if (bench) {
  await bench(args).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
} else {
  console.error(
    `Usage: npm run bench -- <${Object.keys(BENCHES).join('|')}> [options]; no bench is called "${name}".`,
  );
  process.exitCode = 64;
}
