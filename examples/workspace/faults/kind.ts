/** What a faulty release does when its fault strikes. The build of a variant writes this file anew. */
export type FaultKind = 'throw' | 'exit' | 'hang' | 'oom' | 'slow';

export const KIND = 'throw' as FaultKind;
