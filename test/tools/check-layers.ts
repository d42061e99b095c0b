/** `node test/tools/check-layers.ts [root]`: names each broken import rule and exits 1, or says that none is broken. */
import { fileURLToPath } from 'node:url';
import { layerViolations, sourceFiles } from './layers.ts';

const root = process.argv[2] ?? fileURLToPath(new URL('../../src', import.meta.url));
const broken = layerViolations(root);
for (const line of broken) console.error(line);
if (broken.length === 0) console.log(`Layers: ${sourceFiles(root).length} files, no rule broken.`);
process.exitCode = broken.length === 0 ? 0 : 1;
