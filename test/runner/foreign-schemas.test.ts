import { expect, it } from 'vitest';
import { z } from 'zod';
import { schemasOf } from '../../src/runner/foreign-schemas.ts';

const Note = z.object({
  id: z.string(),
  text: z.string().min(1),
  at: z.object({ line: z.int().min(0) }).optional(),
});
const shape = z.toJSONSchema(Note, { io: 'output', unrepresentable: 'any' }) as Record<string, unknown>;
const { notes } = schemasOf({ notes: { version: 1, shape }, free: { version: 1, shape: null } });

it('accept what the original accepts, further fields too', () => {
  const row = { id: '1', text: 'x', at: { line: 1, column: 2 }, tags: ['more'] };
  expect(notes?.parse(row)).toMatchObject({ id: '1', text: 'x', at: { line: 1 } });
  expect(Note.parse(row)).toMatchObject({ id: '1', text: 'x', at: { line: 1 } });
});

it.each([{ id: '1' }, { id: 1, text: 'x' }, { id: '1', text: '' }, { id: '1', text: 'x', at: { line: -1 } }])(
  'refuse %j, as the original does',
  (row) => {
    expect(() => Note.parse(row)).toThrow();
    expect(() => notes?.parse(row)).toThrow();
  },
);

it('are left out where the other release has none', () => {
  expect(schemasOf({ free: { version: 1, shape: null } })).toEqual({});
});
