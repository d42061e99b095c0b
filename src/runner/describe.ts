/** What a release declares, read from its definitions: nothing is started and no store is opened for it. */
import { z } from 'zod';
import type { ReleaseDescription, TableDescription } from '../release/description.ts';
import { STORE_VERSION, WIRE_VERSION } from '../release/versions.ts';
import type { RowSchema, TableShape } from '../tables/types.ts';
import type { Application, Release } from './application.ts';
import { checkStartOrder } from './applications.ts';
import { serversOf } from './children.ts';

/** Throws a `TypeError` where the applications do not make one release. */
export function describe(release: Release): ReleaseDescription {
  const { name, vsn, applications } = release;
  const description: ReleaseDescription = {
    name,
    vsn,
    wireVersion: WIRE_VERSION,
    storeVersion: STORE_VERSION,
    applications: applications.map(({ name, vsn, mcp }) => ({ name, vsn, mcp: mcp !== undefined })),
    servers: applications.flatMap(describeServers),
    tables: applications.flatMap(describeTables),
  };
  mcpApplication(release);
  checkOrder(applications);
  checkNames(description);
  return description;
}

/** The one application that answers MCP clients. */
export function mcpApplication({ applications }: Pick<Release, 'applications'>): Application {
  const [only, ...others] = applications.filter(({ mcp }) => mcp !== undefined);
  if (only !== undefined && others.length === 0) return only;
  const names = applications.map(({ name }) => name).join(', ');
  throw new TypeError(
    `exactly one application of a release has an mcp factory; of ${names} ${only === undefined ? 'none has' : 'several have'}`,
  );
}

function checkOrder(applications: readonly Application[]): void {
  try {
    checkStartOrder(applications);
  } catch (error) {
    throw new TypeError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

const describeServers = (application: Application): ReleaseDescription['servers'] =>
  serversOf(application.children).map(({ name, version }) => ({
    application: application.name,
    name,
    version,
  }));

const describeTables = (application: Application): TableDescription[] =>
  application.tables.map((table: TableShape) => ({
    application: application.name,
    name: table.name,
    version: table.version,
    key: table.key,
    storage: table.storage,
    type: table.type ?? 'set',
    shape: shapeOf(table),
  }));

/** JSON Schema of what the table stores; null where its schema is not zod's. */
function shapeOf({ name, schema }: TableShape): Record<string, unknown> | null {
  if (!isZod(schema)) return null;
  try {
    return z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' });
  } catch (cause) {
    throw new TypeError(`table ${name}: its schema can not be described`, { cause });
  }
}

const isZod = (schema: RowSchema | undefined): schema is z.ZodType & RowSchema =>
  schema !== undefined && '_zod' in schema;

function checkNames({ applications, servers, tables }: ReleaseDescription): void {
  for (const [kind, names] of [
    ['application', applications.map(({ name }) => name)],
    ['server', servers.map(({ name }) => name)],
    ['table', tables.map(({ name }) => name)],
  ] as const) {
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new TypeError(`${kind} ${twice} is declared twice in the release`);
  }
}
