import { defineAppup } from 'erlmcp';

interface NoteV1 {
  id: string;
  text: string;
}

interface NoteV2 extends NoteV1 {
  tags: string[];
  priority: number;
}

interface CounterV1 {
  count: number;
}

interface CounterV2 extends CounterV1 {
  history: { count: number; at: number }[];
}

export default defineAppup({
  application: 'workspace',
  tables: {
    notes: [
      { version: 1 },
      {
        version: 2,
        lens: {
          up: (note: NoteV1): NoteV2 => ({ ...note, tags: [], priority: 0 }),
          down: ({ tags: _tags, priority: _priority, ...note }: NoteV2): NoteV1 => note,
        },
      },
    ],
  },
  servers: {
    counter: [
      { version: 1 },
      {
        version: 2,
        lens: {
          up: ({ count }: CounterV1): CounterV2 => ({ count, history: [] }),
          down: ({ count }: CounterV2): CounterV1 => ({ count }),
        },
      },
    ],
  },
});
