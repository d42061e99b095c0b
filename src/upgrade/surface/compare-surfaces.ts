/**
 * What a client of today would miss or meet otherwise in the next version of a server. What is new is no change here: clients
 * learn of it by `list_changed`.
 */
import type { Surface } from '../../wire/index.ts';
import { isObject } from './json-schema.ts';
import { type SurfaceChange, surfaceChange } from './surface-change.ts';
import { toolChanges } from './tool-changes.ts';
import { matchesTemplate } from './uri-templates.ts';

/** A server with thousands of tools: others have their turn between them. */
const TURN_MS = 5;

type Entry = Readonly<Record<string, unknown>>;

/** Resolves with the changes in the order of the lists: capabilities, tools, prompts, resources, templates. */
export async function compareSurfaces(before: Surface, after: Surface): Promise<SurfaceChange[]> {
  return [
    ...capabilitiesGone(before.capabilities, after.capabilities, ''),
    ...unread(before, after),
    ...(await tools(before, after)),
    ...prompts(before, after),
    ...resources(before, after),
    ...templates(before, after),
  ];
}

const LISTS = ['tools', 'prompts', 'resources', 'resourceTemplates'] as const;
type List = (typeof LISTS)[number];

const isUnread = (surface: Surface, list: List): boolean => surface.unread?.[list] !== undefined;

function unread(before: Surface, after: Surface): SurfaceChange[] {
  return LISTS.flatMap((list) => {
    const reason = after.unread?.[list] ?? before.unread?.[list];
    return reason === undefined ? [] : [surfaceChange('undecided', list, 'not read', reason)];
  });
}

/** A list that could not be read is no list without entries. */
const comparable = (before: Surface, after: Surface, list: List): boolean =>
  !isUnread(before, list) && !isUnread(after, list);

async function tools(before: Surface, after: Surface): Promise<SurfaceChange[]> {
  if (!comparable(before, after, 'tools')) return [];
  const next = new Map(after.tools.map((tool) => [tool.name, tool.definition]));
  const found: SurfaceChange[] = [];
  let turn = performance.now();
  for (const { name, definition } of before.tools) {
    const own = next.get(name);
    if (own === undefined) found.push(surfaceChange('breaking', `tool ${name}`, 'gone'));
    else found.push(...toolChanges(name, entry(definition), entry(own)));
    if (performance.now() - turn < TURN_MS) continue;
    await new Promise((resolve) => setImmediate(resolve));
    turn = performance.now();
  }
  return found;
}

const entry = (value: unknown): Entry => (isObject(value) ? value : {});
const entries = (list: readonly unknown[], key: string): Map<string, Entry> =>
  new Map(list.map(entry).map((item) => [String(item[key]), item]));

function prompts(before: Surface, after: Surface): SurfaceChange[] {
  if (!comparable(before, after, 'prompts')) return [];
  const next = entries(after.prompts, 'name');
  return [...entries(before.prompts, 'name')].flatMap(([name, prompt]) => {
    const own = next.get(name);
    if (own === undefined) return [surfaceChange('breaking', `prompt ${name}`, 'gone')];
    return promptArguments(`prompt ${name}`, argumentsOf(prompt), argumentsOf(own));
  });
}

const argumentsOf = ({ arguments: list }: Entry): Map<string, Entry> =>
  entries(Array.isArray(list) ? list : [], 'name');

function promptArguments(
  subject: string,
  before: ReadonlyMap<string, Entry>,
  after: ReadonlyMap<string, Entry>,
): SurfaceChange[] {
  const needed = [...after].filter(
    ([name, { required }]) => required === true && before.get(name)?.required !== true,
  );
  const gone = [...before.keys()].filter((name) => !after.has(name));
  return [
    ...needed.map(([name]) =>
      surfaceChange('breaking', subject, 'input narrowed', `${name}: presence optional -> required`),
    ),
    ...gone.map((name) => surfaceChange('undecided', subject, 'input changed', `${name}: gone`)),
  ];
}

/** What a template lists is data, and comes and goes with it. */
function resources(before: Surface, after: Surface): SurfaceChange[] {
  if (!comparable(before, after, 'resources')) return [];
  const next = entries(after.resources, 'uri');
  const listed = (surface: Surface, uri: string): boolean =>
    surface.resourceTemplates.some((template) => matchesTemplate(uri, String(entry(template).uriTemplate)));
  return [...entries(before.resources, 'uri').keys()]
    .filter((uri) => !next.has(uri) && !listed(before, uri))
    .map((uri) =>
      listed(after, uri)
        ? surfaceChange('note', `resource ${uri}`, 'not listed', 'a template has its URI')
        : surfaceChange('breaking', `resource ${uri}`, 'gone'),
    );
}

function templates(before: Surface, after: Surface): SurfaceChange[] {
  if (!comparable(before, after, 'resourceTemplates')) return [];
  const next = entries(after.resourceTemplates, 'uriTemplate');
  return [...entries(before.resourceTemplates, 'uriTemplate').keys()]
    .filter((template) => !next.has(template))
    .map((template) => surfaceChange('breaking', `template ${template}`, 'gone'));
}

/** Only the one at the top, where all below it are gone too. */
/** Names of the capabilities that are there now and were not before: a client learns of them by `initialize` alone. */
export const newCapabilities = (before: Surface, after: Surface): string[] =>
  capabilitiesGone(after.capabilities, before.capabilities, '').map(({ subject }) =>
    subject.replace(/^capability /, ''),
  );

function capabilitiesGone(before: unknown, after: unknown, path: string): SurfaceChange[] {
  return Object.entries(entry(before)).flatMap(([name, value]) => {
    const place = path === '' ? name : `${path}.${name}`;
    const own = entry(after)[name];
    const had = value === true || isObject(value);
    if (had && (own === undefined || own === false))
      return [surfaceChange('breaking', `capability ${place}`, 'gone')];
    return isObject(value) ? capabilitiesGone(value, own, place) : [];
  });
}
