/** The people of the runbook, by their keys in `erlmcp.json`, and its escalation matrix. Loads no zod. */

export interface Contact {
  role: string;
  contact: string;
}

export interface EscalationRow {
  severity: string;
  response_time: string;
  path: string;
}

export const CONTACT_ROLES = [
  ['on_call', 'On-Call (Primary)'],
  ['on_call_secondary', 'On-Call (Secondary)'],
  ['lead', 'Engineering Lead'],
  ['escalation', 'Escalation Manager'],
  ['chat', 'Emergency Chat'],
] as const;

export type ContactKey = (typeof CONTACT_ROLES)[number][0];

/** Roles for which a contact is given. */
export const contactsFrom = (given: Readonly<Partial<Record<ContactKey, string>>>): Contact[] =>
  CONTACT_ROLES.flatMap(([key, role]) => {
    const contact = given[key];
    return contact ? [{ role, contact }] : [];
  });

/** Where the configuration says nothing of its own. */
export const DEFAULT_ESCALATION: readonly EscalationRow[] = [
  { severity: 'S1 - Critical', response_time: '5 minutes', path: 'On-Call → Eng Lead → CTO' },
  { severity: 'S2 - High', response_time: '15 minutes', path: 'On-Call → Eng Lead' },
  { severity: 'S3 - Medium', response_time: '1 hour', path: 'On-Call' },
  { severity: 'S4 - Low', response_time: 'Next business day', path: 'Standard support' },
];
