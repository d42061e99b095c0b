export { backupSum, verifyBackup } from './backup.ts';
export type { TableEntry } from './catalogue.ts';
export type { Changed, ChangesPort } from './changes.ts';
export type { Reader } from './environment.ts';
export { structuredEqual } from './equal.ts';
export { isCommitFailure } from './explain-commit.ts';
export type { Failures, RowFailure } from './failure-list.ts';
export type { FigureOptions, StorageFigures, TableFigures } from './figures.ts';
export { flushPath, sha256Of } from './files.ts';
export type { IndexRange, IndexValue } from './index-reads.ts';
export type { RowsReport, VerifyOptions, VerifyRowsOptions } from './inspection.ts';
export type { TrackedKeys } from './key-tracker.ts';
export { LensChain } from './lens-chain.ts';
export { emptyRam, openStore, type StoreOptions } from './open-store.ts';
export type { Replacement, RestoreOptions } from './restore.ts';
export type { SettleOptions, SettleProgress, SettleReport } from './settle.ts';
export { type ReaderInfo, TableStore } from './store.ts';
export { type RowChange, Table, table } from './table.ts';
export type { RangeOptions } from './table-core.ts';
export { printKey, TableError, type TableErrorCode } from './table-error.ts';
export { type TableTransaction, transaction, type Within } from './transaction.ts';
export type {
  AnyTable,
  Chain,
  ChainStep,
  Chains,
  KeyOf,
  KeyPart,
  Lens,
  RowSchema,
  Storage,
  TableKey,
  TableShape,
  TableSpec,
  TableType,
} from './types.ts';
export type { LensLoss, LensProgress, LensReport } from './verify-lens.ts';
export type { WayBackTargets } from './way-back.ts';
export { barWrites } from './write-scope.ts';
