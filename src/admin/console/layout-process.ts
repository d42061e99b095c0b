/** Lays out one large term in a process of its own. */
import { layOut } from './layout.ts';
import type { Term } from './terms.ts';

process.on('disconnect', () => process.exit());
process.once('message', (message) => process.send!(layOut((message as { term: Term }).term)));
