/** The schema of a state's rows, made from that of the state: one more field, the session's id. */
import { z } from 'zod';
import type { RowSchema } from '../tables/index.ts';

export type SessionRow<State extends object> = State & { readonly session: string };

/** zod's objects stay zod's, so that the manifest can say their shape; any other schema is asked for all but the id. */
export function rowSchemaOf<State extends object>(schema: RowSchema<State>): RowSchema<SessionRow<State>> {
  if (isZodObject(schema)) return schema.safeExtend({ session: z.string() });
  return {
    parse(row) {
      const { session, ...state } = row as SessionRow<State>;
      return { ...schema.parse(state), session };
    },
  };
}

interface Extensible {
  safeExtend<Row>(fields: object): RowSchema<Row>;
}

const isZodObject = (schema: unknown): schema is Extensible =>
  typeof schema === 'object' && schema !== null && '_zod' in schema && 'safeExtend' in schema;
