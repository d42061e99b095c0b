import type { Contact, EscalationRow } from '../../control/contact-roles.ts';
import { query } from '../command.ts';
import { contactsWithoutNode } from '../contacts-file.ts';
import { type Column, table } from '../output/table.ts';

const CONTACT_COLUMNS: readonly Column<Contact>[] = [
  { head: 'ROLE', cell: ({ role }) => role },
  { head: 'CONTACT', cell: ({ contact }) => contact },
];

const ESCALATION_COLUMNS: readonly Column<EscalationRow>[] = [
  { head: 'SEVERITY', cell: ({ severity }) => severity },
  { head: 'RESPONSE TIME', cell: ({ response_time }) => response_time },
  { head: 'ESCALATION PATH', cell: ({ path }) => path },
];

export const COLUMNS = [...CONTACT_COLUMNS, ...ESCALATION_COLUMNS];

export const command = query('contacts', {
  help: `They stand under "contacts" and "escalation" in the node's erlmcp.json. Of a node that does not answer they are
read from there, and the exit code is 0 all the same.`,
  render: ({ contacts, escalation }, terminal) =>
    [
      contacts.length > 0
        ? table(terminal, contacts, CONTACT_COLUMNS)
        : 'No contacts are given: add them under "contacts" in erlmcp.json.',
      table(terminal, escalation, ESCALATION_COLUMNS),
    ].join('\n\n'),
  fallback: contactsWithoutNode,
});
