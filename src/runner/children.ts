/** The servers of a supervision tree, in the order in which they start, and what a simple_one_for_one supervisor can start. */
import { type ChildSpec, isDynamic, type SupervisorSpec } from '../otp/index.ts';

export interface DeclaredServer {
  /** Registered name; of the children of a simple_one_for_one supervisor the name of their definition. */
  name: string;
  /** Of its state's shape. */
  version: number;
  /** The simple_one_for_one supervisor whose children these are. */
  supervisor?: string;
}

/** All of them; two can be of one definition, and share its state's versions and lenses then. */
export const declaredServers = (children: readonly ChildSpec[]): DeclaredServer[] =>
  children.flatMap(declaredBy);

/** One for each chain of state versions. */
export const serversOf = (children: readonly ChildSpec[]): DeclaredServer[] => {
  const all = declaredServers(children);
  const isRepeated = (server: DeclaredServer, index: number): boolean =>
    all.slice(0, index).some((earlier) => isOneDefinition(earlier, server));
  return all.filter((server, index) => !isRepeated(server, index));
};

/** Two registered servers of one name are a mistake, which is found later by their name. */
const isOneDefinition = (a: DeclaredServer, b: DeclaredServer): boolean =>
  a.name === b.name && a.version === b.version && (a.supervisor ?? b.supervisor) !== undefined;

const declaredBy = ({ name, start }: ChildSpec): DeclaredServer[] =>
  start.kind === 'supervisor'
    ? declaredBelow(start, name ?? start.name)
    : [{ name: name ?? start.name, version: start.version }];

const declaredBelow = (start: SupervisorSpec, supervisor: string): DeclaredServer[] =>
  isDynamic(start)
    ? [{ name: start.child.start.name, version: start.child.start.version, supervisor }]
    : start.children.flatMap(declaredBy);

/** What a hand-over knows a server, or all children of a supervisor, by. */
export const moveNameOf = ({ name, supervisor }: Pick<DeclaredServer, 'name' | 'supervisor'>): string =>
  supervisor === undefined ? name : `${supervisor}/${name}`;
