/** Calls that a new runner makes to itself before clients come to it: each read-only tool, with notes that there are. */
import type { ToolExample } from 'erlmcp';
import { type Note, newestNotes } from './notes.ts';

const newest = (): Note | undefined => newestNotes(1)[0];

export const examples: readonly ToolExample[] = [
  { tool: 'whoami' },
  { tool: 'note_list', arguments: { limit: 5 } },
  {
    tool: 'note_get',
    arguments: () => {
      const note = newest();
      return note && { id: note.id };
    },
  },
  {
    tool: 'note_search',
    // Found at once: a search for what is not there would read every note.
    arguments: () => {
      const text = newest()?.text;
      return text ? { query: text, limit: 1 } : undefined;
    },
  },
];
