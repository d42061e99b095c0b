/** Links and exit signals, as a server's callback sends them. */
import { addressOf, type Target, tableOf } from './client.ts';
import { currentProcess, requireCurrentProcess } from './current-process.ts';
import type { ServerProcess } from './server-process.ts';

const here = (wanted: string): ServerProcess => requireCurrentProcess(wanted) as ServerProcess;

/**
 * Links the current process and `target`: when one ends, the other gets an exit signal with its reason. `normal` is ignored; any other
 * reason ends the receiver at once and without `terminate`, unless it traps exits. A target that does not exist is an exit
 * signal with reason `noproc`. The link moves with either of the two in an upgrade, and reaches over to another table.
 */
export function link(target: Target): void {
  const process = here('link');
  tableOf(process).signals.link(process, addressOf(target));
}

/** Undoes `link`, from either side. An `['EXIT', …]` that is in the mailbox already stays there. */
export function unlink(target: Target): void {
  const process = here('unlink');
  tableOf(process).signals.unlink(process, addressOf(target));
}

/**
 * The current process gets exit signals as messages `['EXIT', from, reason]` for `handleInfo`, and lives on; all but `kill`.
 * `from` is a pid, a name that was linked to in vain, or `'outside'`. The end that its supervisor asks for comes through
 * `terminate` in either case. @returns the former setting
 */
export function trapExit(on: boolean): boolean {
  const process = here('trap_exit');
  const before = process.trapsExits;
  process.trapsExits = on;
  return before;
}

/**
 * Sends `target` an exit signal, from within a server or outside. `kill` ends it whatever it traps, and its links see `killed`.
 * A signal to nobody is dropped; a supervisor ignores it; a suspended process gets it when it goes on.
 */
export function exit(target: Target, reason: string): void {
  const process = currentProcess();
  tableOf(process).signals.exit(addressOf(target), reason, process?.busy ? process.pid : 'outside');
}
