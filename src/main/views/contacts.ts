import type { ControlHandlers } from '../../admin/control-handlers.ts';
import { contactsFrom } from '../../control/contact-roles.ts';
import type { NodeParts } from '../node-parts.ts';

/** Who is to be called, from the configuration that the node was started with. */
export const contactsView = ({ config }: Pick<NodeParts, 'config'>): Pick<ControlHandlers, 'contacts'> => ({
  contacts: () => ({ contacts: contactsFrom(config.contacts), escalation: [...config.escalation] }),
});
