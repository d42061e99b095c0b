/** What the author of an application imports from `erlmcp`. */
export {
  type ChildSpec,
  call,
  cancelTimer,
  cast,
  demonitor,
  ExitError,
  type From,
  type GenServer,
  genServer,
  monitor,
  noreply,
  reply,
  replyTo,
  type SupervisorSpec,
  self,
  send,
  sendAfter,
  sendInterval,
  stop,
  supervisor,
  whereis,
} from './otp/index.ts';
export { type Appup, type AppupOptions, defineAppup } from './release/appup.ts';
export { type Application, type ApplicationOptions, defineApplication } from './runner/application.ts';
export {
  type Chain,
  type ChainStep,
  type Chains,
  type Lens,
  type RowSchema,
  type Table,
  TableError,
  type TableTransaction,
  table,
  transaction,
} from './tables/index.ts';
