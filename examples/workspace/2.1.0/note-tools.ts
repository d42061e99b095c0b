import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { announceNewNote } from './note-resources.ts';
import { addNote, NoteOutput, newestNotes, notes } from './notes.ts';
import { toolError, toolResult } from './results.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 10_000;

export function registerNoteTools(server: McpServer): void {
  server.registerTool(
    'note_add',
    {
      description: 'Stores a note and returns its id.',
      inputSchema: z.object({ text: z.string() }),
      outputSchema: z.looseObject({ id: z.string() }),
      annotations: {
        readOnlyHint: false,
        destructiveHint: false,
        idempotentHint: false,
        openWorldHint: false,
      },
    },
    async ({ text }) => {
      const { id } = await addNote(text);
      announceNewNote();
      return toolResult({ id });
    },
  );
  server.registerTool(
    'note_get',
    {
      description: 'Returns a note.',
      inputSchema: z.object({ id: z.string() }),
      outputSchema: NoteOutput,
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    ({ id }) => {
      const note = notes.get(id);
      return note === undefined ? toolError(`There is no note ${id}.`) : toolResult(note);
    },
  );
  server.registerTool(
    'note_list',
    {
      description: 'Returns the newest notes, newest first.',
      inputSchema: z.object({ limit: z.int().min(1).max(MAX_LIMIT).optional() }),
      outputSchema: z.looseObject({ notes: z.array(NoteOutput) }),
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    ({ limit = DEFAULT_LIMIT }) => toolResult({ notes: newestNotes(limit) }),
  );
}
