import { z } from 'zod';

/** Who is to be called, and how fast. Roles without a contact are left out. */
export const ContactsResult = z.strictObject({
  contacts: z.array(z.strictObject({ role: z.string(), contact: z.string() })),
  escalation: z.array(z.strictObject({ severity: z.string(), response_time: z.string(), path: z.string() })),
});
