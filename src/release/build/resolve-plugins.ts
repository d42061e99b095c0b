/** How imports of a release are resolved: erlmcp and its protocol engine from erlmcp's own package, `lmdb` from the node. */
import type { OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild';
import { ownModule, PACKAGE_ROOT } from '../locations.ts';

const OWN_MODULES: Readonly<Record<string, string>> = {
  erlmcp: ownModule('index'),
  'erlmcp/otp': ownModule('otp/index'),
};

/** Set while a resolution that this plugin itself asked for runs, so that it does not ask for ever. */
const FROM_OWN_PACKAGE = Symbol('from erlmcp');

/** Wherever the source folder lies, it is built against one erlmcp, one zod and one SDK: those of this package. */
export const ownPackagePlugin: Plugin = {
  name: 'erlmcp-package',
  setup(build) {
    build.onResolve({ filter: /^erlmcp($|\/)/ }, ({ path }) => {
      const module = OWN_MODULES[path];
      if (module !== undefined) return { path: module };
      return { errors: [{ text: `"${path}" is not exported; erlmcp has "erlmcp" and "erlmcp/otp"` }] };
    });
    build.onResolve({ filter: /^(zod|@modelcontextprotocol\/server)($|\/)/ }, (args) =>
      args.pluginData === FROM_OWN_PACKAGE ? undefined : resolveHere(build, args),
    );
  },
};

const resolveHere = (build: PluginBuild, args: OnResolveArgs): Promise<OnResolveResult> =>
  build.resolve(args.path, {
    kind: args.kind,
    resolveDir: PACKAGE_ROOT,
    pluginData: FROM_OWN_PACKAGE,
  });

/**
 * All processes of a node use one build of lmdb: the bundle requires it at run time, through `ERLMCP_MODULES`.
 * The module between is CommonJS, so that its named imports are looked up when the program runs.
 */
export const nodeModulesPlugin: Plugin = {
  name: 'erlmcp-node-modules',
  setup(build) {
    build.onResolve({ filter: /^lmdb$/ }, ({ namespace }) =>
      namespace === 'of-node' ? { path: 'lmdb', external: true } : { path: 'lmdb', namespace: 'of-node' },
    );
    build.onLoad({ filter: /.*/, namespace: 'of-node' }, () => ({
      contents: "module.exports = require('lmdb');\n",
    }));
  },
};

/** In an appup, `erlmcp` is `defineAppup` and what lenses are made of, and every other package is refused. */
export const appupPlugin: Plugin = {
  name: 'erlmcp-appup',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, ({ path, kind, importer }) => {
      if (kind === 'entry-point') return undefined;
      if (path === 'erlmcp') return { path: ownModule('release/for-appups') };
      return { errors: [{ text: `an appup imports nothing, but ${importer} imports "${path}"` }] };
    });
  },
};
