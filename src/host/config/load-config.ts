import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Atom, atom, OperatorError, type Term, tuple } from '../../errors/index.ts';
import { fromEnvironment, KIND_NAMES } from './environment.ts';
import { type JsonPath, JsonSyntaxError, type PositionedJson, parseJson } from './json-positions.ts';
import { CONFIG_KEYS } from './keys.ts';
import { findProblems } from './problems.ts';
import { type Config, configSchema, crossCheck } from './schema.ts';

/**
 * The configuration of a node: environment over file over default. What is wrong is refused before anything starts, with
 * the place at which to mend it; nothing is guessed or skipped.
 */

export const CONFIG_FILE = 'erlmcp.json';

export interface LoadConfigOptions {
  home: string;
  env: Readonly<Record<string, string | undefined>>;
}

interface Problem {
  /** The error's elements after the tag: file, line and key, or variable and key. */
  place: readonly Term[];
  where: string;
  what: string;
}

/** @throws {OperatorError} `{bad_config, "erlmcp.json", 12, "http.port"}` or `{bad_config, env, "ERLMCP_HTTP_PORT", "http.port"}` */
export function loadConfig({ home, env }: LoadConfigOptions): Config {
  const path = join(home, CONFIG_FILE);
  const file = readConfigFile(path);
  const fromFile = file?.value ?? {};
  if (file) refuse(path, problemsOfFile(file));

  const overrides = readEnvironment(env);
  refuse(path, overrides.problems);

  const config = configSchema.parse(override(fromFile, overrides.values));
  const problems = crossCheck(config).map(([key, what]): Problem => {
    const variable = overrides.variables.get(key);
    if (variable !== undefined) return inEnvironment(variable, key, what);
    return file && standsIn(file.value, key.split('.'))
      ? inFile(file, key.split('.'), what)
      : inDefault(key, what);
  });
  refuse(path, problems);
  return config;
}

function readConfigFile(path: string): PositionedJson | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    const code = atom(((error as NodeJS.ErrnoException).code ?? 'unknown').toLowerCase());
    throw badConfig(
      [CONFIG_FILE, code],
      `${path} can not be read.`,
      'Make it a file that this user can read, or remove it.',
      error,
    );
  }
  return parseConfigText(path, text.replace(/^\uFEFF/, ''));
}

function parseConfigText(path: string, text: string): PositionedJson {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const { line, column } = error.position;
    throw badConfig(
      [CONFIG_FILE, line, atom('invalid_json')],
      `${path} is no valid JSON: line ${line}, column ${column}: ${error.message}.`,
      'Mend that line and start again.',
      error,
    );
  }
}

function problemsOfFile(file: PositionedJson): Problem[] {
  return findProblems(configSchema, file.value)
    .map(({ path, what }) => inFile(file, path, what))
    .sort((a, b) => Number(a.place[1]) - Number(b.place[1]));
}

function readEnvironment(env: LoadConfigOptions['env']) {
  const values: [JsonPath, unknown][] = [];
  const variables = new Map<string, string>();
  const problems: Problem[] = [];
  for (const { key, path, env: variable, schema, kind } of CONFIG_KEYS) {
    const text = env[variable];
    if (text === undefined || text === '') continue;
    const value = fromEnvironment(kind, text);
    const what =
      value === undefined
        ? `${KIND_NAMES[kind]} is needed, but it is ${JSON.stringify(text)}`
        : findProblems(schema, value)[0]?.what;
    if (what !== undefined) problems.push(inEnvironment(variable, key, what));
    values.push([path, value]);
    variables.set(key, variable);
  }
  return { values, variables, problems };
}

function override(fromFile: unknown, values: readonly [JsonPath, unknown][]): unknown {
  const merged = structuredClone(fromFile) as Record<string, unknown>;
  for (const [path, value] of values) {
    let target = merged;
    for (const name of path.slice(0, -1)) {
      target[name] ??= {};
      target = target[name] as Record<string, unknown>;
    }
    target[String(path.at(-1))] = value;
  }
  return merged;
}

function standsIn(value: unknown, path: JsonPath): boolean {
  return (
    path.reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], value) !==
    undefined
  );
}

function inFile(file: PositionedJson, path: JsonPath, what: string): Problem {
  const { line } = file.positionOf(path);
  const key = path.join('.');
  return { place: [CONFIG_FILE, line, key], where: `line ${line}${key === '' ? '' : `, ${key}`}`, what };
}

const inEnvironment = (variable: string, key: string, what: string): Problem => ({
  place: [atom('env'), variable, key],
  where: `environment variable ${variable} (${key})`,
  what,
});

const inDefault = (key: string, what: string): Problem => ({
  place: [atom('default'), key],
  where: `${key} (its default)`,
  what,
});

function refuse(path: string, problems: readonly Problem[]): void {
  const [first] = problems;
  if (!first) return;
  const all = problems.map(({ where, what }) => `${where}: ${what}`).join('; ');
  const isFile = first.place[0] === CONFIG_FILE;
  const remedy = isFile ? `Mend ${path} and start again.` : 'Change it and start again.';
  throw badConfig(
    first.place,
    `The configuration is refused: ${all}.`,
    `${remedy} Every key is in docs/configuration.md.`,
  );
}

function badConfig(
  place: readonly (Term | Atom)[],
  sentence: string,
  remedy: string,
  cause?: unknown,
): OperatorError {
  return new OperatorError(tuple('bad_config', ...place), sentence, remedy, { cause });
}
