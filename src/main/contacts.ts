import { type Contact, contactsFrom } from '../control/contact-roles.ts';
import type { Config } from '../host/config/index.ts';

/** Who is to be called, as far as the configuration says. */
export const contactsOf = ({ contacts }: Config): Contact[] => contactsFrom(contacts);
