/** What an appup may import from `erlmcp`. It ends up in the appup's bundle, which has no imports of its own. */
export {
  add,
  convert,
  each,
  head,
  hoist,
  inside,
  lens,
  Misfit,
  nest,
  remove,
  rename,
  type Step,
  steps,
  wrap,
} from '../tables/lenses/index.ts';
export { type Appup, type AppupOptions, defineAppup } from './appup.ts';
