export { CONFIG_KEYS, type ConfigKey } from './keys.ts';
export { CONFIG_FILE, type LoadConfigOptions, loadConfig } from './load-config.ts';
export { type Config, isLoopback } from './schema.ts';
