/** The text of a value. A large one is laid out in a process of its own, so that the node's goes on. */
import { holdNode, sendTo, startHelper } from './helper-process.ts';
import { layOut } from './layout.ts';
import { isLarger, type Term } from './terms.ts';

/** Characters and elements that are laid out in about a millisecond. */
const SMALL = 16 * 1024;
const MEMORY_MB = 256;

export async function printed(term: Term, signal: AbortSignal): Promise<string> {
  if (!isLarger(term, SMALL)) return layOut(term);
  const helper = startHelper('layout-process', MEMORY_MB);
  const end = (): void => void helper.kill('SIGKILL');
  signal.addEventListener('abort', end, { once: true });
  try {
    holdNode(helper, true);
    return await new Promise<string>((resolve, reject) => {
      helper.once('message', (text) => resolve(text as string)).once('error', reject);
      helper.once('exit', () => reject(new Error('the value could not be printed')));
      sendTo(helper, { term });
    });
  } finally {
    signal.removeEventListener('abort', end);
    end();
  }
}
