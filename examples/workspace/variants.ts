/** Releases made of the reference release's sources: another version number, a fault in one phase, or any edit. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OperatorError, tuple } from '../../src/errors/index.ts';
import { type BuiltRelease, buildRelease } from '../../src/release/build/index.ts';
import type { FaultKind } from './faults/kind.ts';

const SOURCES = import.meta.dirname;
export const REFERENCE_VERSIONS = ['2.1.0', '3.0.0'] as const;
export const FAULT_VERSION = '3.0.1';

interface FaultSite {
  /** Module of `faults/` that takes the application's place, or (`besides`) stands beside it. */
  module: string;
  besides?: boolean;
  appup?: string;
  /** Files of 3.0.0 in which a text is replaced. */
  replace?: { file: string; text: string; by: string };
  /** Files of 3.0.0 that a module of `faults/` replaces. */
  instead?: { file: string; by: string; names: string[] };
  /** When it strikes, where that is not on the way to the release. */
  note?: string;
}

const FAULT_SITES: Readonly<Record<string, FaultSite | { none: string }>> = {
  pre_flight_checks: {
    module: 'pre_flight_checks.ts',
    appup: 'pre_flight_checks.appup.ts',
    replace: { file: 'notes.ts', text: 'version: 2,', by: 'version: 3,' },
    note: 'it strikes once there is a note to check',
  },
  backup_state: { none: 'the host copies the stores, and runs no code of a release' },
  load_modules: { module: 'load_modules.ts' },
  suspend_supervisors: {
    module: 'suspend_supervisors.ts',
    note: 'the servers of the running release are suspended, so it strikes on the way out of this one',
  },
  transform_state: { module: 'transform_state.ts', appup: 'transform_state.appup.ts' },
  migrate_data: { none: 'it is one transaction in the host’s store, and runs no code of a release' },
  resume_supervisors: { module: 'resume_supervisors.ts' },
  post_flight_checks: {
    module: 'post_flight_checks.ts',
    instead: {
      file: 'results.ts',
      by: 'post_flight_checks.results.ts',
      names: ['toolError', 'toolResult'],
    },
  },
  watch: {
    module: 'watch.ts',
    instead: { file: 'results.ts', by: 'watch.results.ts', names: ['toolError', 'toolResult'] },
    note: 'it strikes with each tool call, which the smoke test makes none of',
  },
  applications: {
    module: 'applications.ts',
    besides: true,
    note: 'it strikes some seconds after the switch, in an application besides, which is given up then',
  },
};

const KINDS: readonly FaultKind[] = ['throw', 'exit', 'hang', 'oom', 'slow'];

export interface Fault {
  phase: string;
  kind: FaultKind;
  /** When it strikes, where that is not on the way to the release. */
  note?: string;
}

export interface Variant {
  vsn: string;
  /** Sources to start from; a fault goes with 3.0.0 only. Default 3.0.0. */
  base?: (typeof REFERENCE_VERSIONS)[number];
  fault?: Fault;
  /** Changes the copied sources before they are built; the release's folder is given. */
  edit?: (folder: string) => Promise<void>;
}

/** Parses `<phase>:<kind>`. Throws `OperatorError`, also where no code of a release runs in the phase. */
export function parseFault(text: string): Fault {
  const [phase = '', kind = '', ...rest] = text.split(':');
  const site = Object.hasOwn(FAULT_SITES, phase) ? FAULT_SITES[phase] : undefined;
  const knownKind = KINDS.find((known) => known === kind);
  if (site === undefined || knownKind === undefined || rest.length > 0) {
    throw badFault(
      text,
      `a fault is written <phase>:<kind>, with a phase of ${Object.keys(FAULT_SITES).join(', ')} and a kind of ${KINDS.join(', ')}`,
    );
  }
  if ('none' in site) throw badFault(text, `no fault of a release can strike in ${phase}: ${site.none}`);
  return { phase, kind: knownKind, ...(site.note === undefined ? {} : { note: site.note }) };
}

const badFault = (text: string, sentence: string): OperatorError =>
  new OperatorError(tuple('bad_fault', text), `${sentence}.`, 'For example: --fault=transform_state:throw.', {
    exitCode: 64,
  });

export const buildReference = (
  vsn: (typeof REFERENCE_VERSIONS)[number],
  out: string,
): Promise<BuiltRelease> => buildRelease(join(SOURCES, vsn), { out });

export async function buildVariant(variant: Variant, out: string): Promise<BuiltRelease> {
  const root = await mkdtemp(join(tmpdir(), 'erlmcp-variant-'));
  const base = join(root, variant.base ?? '3.0.0');
  try {
    await cp(join(SOURCES, variant.base ?? '3.0.0'), base, { recursive: true });
    await replaceIn(join(base, 'version.ts'), /'\d[^']*'/, `'${variant.vsn}'`);
    await replaceIn(join(base, 'erlmcp.release.json'), /"vsn": "[^"]*"/, `"vsn": "${variant.vsn}"`);
    await variant.edit?.(base);
    const folder =
      variant.fault === undefined ? base : await addFault(root, base, variant.vsn, variant.fault);
    return await buildRelease(folder, { out });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Makes `root` the release's folder: its application is the fault's, which wraps that of the copied sources. */
async function addFault(root: string, base: string, vsn: string, { phase, kind }: Fault): Promise<string> {
  const site = FAULT_SITES[phase];
  if (site === undefined || 'none' in site) throw badFault(`${phase}:${kind}`, 'there is no such fault');
  await cp(join(SOURCES, 'faults'), join(root, 'faults'), { recursive: true });
  await replaceIn(join(root, 'faults/kind.ts'), /'throw' as/, `'${kind}' as`);
  const applications = [...(site.besides ? ['3.0.0/workspace.ts'] : []), `faults/${site.module}`];
  const release = { name: 'erlmcp', vsn, applications };
  await writeFile(join(root, 'erlmcp.release.json'), JSON.stringify(release));
  const appup = site.appup === undefined ? './3.0.0/appup.ts' : `./faults/${site.appup}`;
  await writeFile(join(root, 'appup.ts'), `export { default } from '${appup}';\n`);
  if (site.replace) await replaceIn(join(base, site.replace.file), site.replace.text, site.replace.by);
  if (site.instead) {
    const { file, by, names } = site.instead;
    await writeFile(join(base, file), `export { ${names.join(', ')} } from '../faults/${by}';\n`);
  }
  return root;
}

async function replaceIn(file: string, text: string | RegExp, by: string): Promise<void> {
  const before = await readFile(file, 'utf8');
  const after = before.replace(text, () => by);
  if (after === before && !before.includes(by)) throw new Error(`${file} does not contain ${text}`);
  await writeFile(file, after);
}
