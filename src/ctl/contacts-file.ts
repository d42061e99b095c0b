/**
 * Who is to be called when the node can't be asked, which is when it matters most: from its `erlmcp.json` and the environment,
 * as far as they can be understood. Nothing that is wrong there stands in the way of what is right.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CONTACT_ROLES,
  type Contact,
  contactsFrom,
  DEFAULT_ESCALATION,
  type EscalationRow,
} from '../control/contact-roles.ts';
import type { OperatorError } from '../errors/index.ts';
import type { Invocation } from './invocation.ts';

interface Known {
  result: { contacts: Contact[]; escalation: EscalationRow[] };
  aside: string;
}

export async function contactsWithoutNode({ home }: Invocation, error: OperatorError): Promise<Known> {
  const path = join(home, 'erlmcp.json');
  const { config, problem } = await read(path);
  return {
    result: { contacts: contactsIn(config), escalation: escalationIn(config) },
    aside: `erlmcpctl: ${error.reason}: The node does not answer; this is what ${path} says.${problem}`,
  };
}

interface Configuration {
  contacts?: unknown;
  escalation?: unknown;
}

async function read(path: string): Promise<{ config: Configuration; problem: string }> {
  try {
    const config: unknown = JSON.parse((await readFile(path, 'utf8')).replace(/^\uFEFF/, ''));
    if (typeof config === 'object' && config !== null) return { config, problem: '' };
    return { config: {}, problem: ' It holds no configuration.' };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return {
      config: {},
      problem: code === 'ENOENT' ? ' There is no such file.' : ` It can't be read: ${message}.`,
    };
  }
}

/** Environment over file, as for the node. */
function contactsIn({ contacts }: Configuration): Contact[] {
  const given = (typeof contacts === 'object' && contacts !== null ? contacts : {}) as Record<
    string,
    unknown
  >;
  return contactsFrom(
    Object.fromEntries(
      CONTACT_ROLES.map(([key]) => {
        const value = process.env[`ERLMCP_CONTACTS_${key.toUpperCase()}`] || given[key];
        return [key, typeof value === 'string' ? value : ''];
      }),
    ),
  );
}

function escalationIn({ escalation }: Configuration): EscalationRow[] {
  const rows = fromEnvironment() ?? escalation;
  return Array.isArray(rows) && rows.every(isRow) ? rows : [...DEFAULT_ESCALATION];
}

function fromEnvironment(): unknown {
  try {
    return JSON.parse(process.env.ERLMCP_ESCALATION || 'null');
  } catch {
    return null;
  }
}

function isRow(row: unknown): row is EscalationRow {
  if (typeof row !== 'object' || row === null) return false;
  const { severity, response_time, path } = row as Record<string, unknown>;
  return [severity, response_time, path].every((cell) => typeof cell === 'string');
}
