/**
 * A process beside the node's, for what must not hold it up. Not a thread: ending one that was in a loop took a running node with it (a
 * segmentation fault, seen with Node 24.21 in a node and not in a small program; its cause is not known). It ends when the node does.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

export type HelperProcess = ChildProcess;

/** @param name of a module of this folder */
export function startHelper(name: string, memoryMb: number): HelperProcess {
  const here = import.meta.url;
  const child = fork(fileURLToPath(new URL(`./${name}${extname(here)}`, here)), [], {
    serialization: 'advanced',
    execArgv: [`--max-old-space-size=${memoryMb}`, '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  // Whoever waits is told by listeners of its own; a message to one that has just ended is lost.
  child.on('error', () => {});
  holdNode(child, false);
  return child;
}

/** Whether the node waits for it when it has nothing else to do. */
export function holdNode(child: HelperProcess, on: boolean): void {
  if (on) {
    child.ref();
    child.channel?.ref();
  } else {
    child.unref();
    child.channel?.unref();
  }
}

export function sendTo(child: HelperProcess, message: object): void {
  if (child.connected) child.send(message, () => {});
}
