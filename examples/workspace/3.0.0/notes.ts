/** The table of notes, and what can be done with it. */
import { randomBytes } from 'node:crypto';
import { table } from 'erlmcp';
import { z } from 'zod';

export const TagsSchema = z.array(z.string().min(1));
/** The higher, the more urgent. */
export const PrioritySchema = z.int().min(0).max(9);

export const NoteSchema = z.object({
  id: z.string(),
  text: z.string(),
  tags: TagsSchema,
  priority: PrioritySchema,
});
export type Note = z.infer<typeof NoteSchema>;

/**
 * What clients are promised. They keep a tool's output schema until they list the tools again, so it has to accept what the
 * next version and the one before answer: open to more fields, and asking for none that one of them lacks.
 */
export const NoteOutput = z.looseObject(NoteSchema.partial({ tags: true, priority: true }).shape);

export const notes = table<Note>({
  name: 'notes',
  version: 2,
  key: 'id',
  storage: 'disc',
  type: 'ordered_set',
  schema: NoteSchema,
});

/** Resolves once the note is on disc. */
export async function addNote(text: string, tags: string[], priority: number): Promise<Note> {
  const note: Note = { id: newNoteId(), text, tags, priority };
  await notes.put(note);
  return note;
}

/** Newest first. */
export const newestNotes = (limit: number): Note[] => [...notes.range({ limit, reverse: true })];

/** Notes whose text or tags contain the words, whatever their case; newest first. */
export function searchNotes(query: string, limit: number): Note[] {
  const words = query.toLowerCase();
  const found: Note[] = [];
  for (const note of notes.range({ reverse: true })) {
    if (found.length === limit) break;
    if ([note.text, ...note.tags].some((text) => text.toLowerCase().includes(words))) found.push(note);
  }
  return found;
}

/**
 * Sorts by the time of making, and is never given twice: not by two releases, two runners or two lives of a node,
 * since 64 of its bits are random and none is counted in memory.
 */
function newNoteId(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time}-${randomBytes(8).toString('hex')}`;
}
