import type { Config } from '../host/config/index.ts';

const ROLES: readonly [keyof Config['contacts'], string][] = [
  ['on_call', 'On-Call (Primary)'],
  ['on_call_secondary', 'On-Call (Secondary)'],
  ['lead', 'Engineering Lead'],
  ['escalation', 'Escalation Manager'],
  ['chat', 'Emergency Chat'],
];

/** Who is to be called, as far as the configuration says. */
export const contactsOf = ({ contacts }: Config): { role: string; contact: string }[] =>
  ROLES.filter(([key]) => contacts[key] !== '').map(([key, role]) => ({ role, contact: contacts[key] }));
