import { writeFileSync } from 'node:fs';
import { configurationDoc } from '../config/configuration-doc.js';

/**
 * The file that this program generates from the option table. Run the program with `node
 * packages/server/dist/src/cli/generate-docs.js`.
 */
export const configurationDocPath = new URL('../../../../../docs/configuration.md', import.meta.url);

if (process.argv[1] === import.meta.filename) writeFileSync(configurationDocPath, configurationDoc());
