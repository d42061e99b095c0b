export { type BridgeOptions, runBridge } from './run.ts';
