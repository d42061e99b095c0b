export { convert } from './convert.ts';
export { textOf } from './data.ts';
export { add, remove, rename } from './fields.ts';
export { lens, steps } from './lens.ts';
export { each, head, wrap } from './lists.ts';
export { mergeFields } from './merge.ts';
export { Misfit } from './misfit.ts';
export { hoist, inside, nest } from './objects.ts';
export { partsOf, type Step } from './step.ts';
