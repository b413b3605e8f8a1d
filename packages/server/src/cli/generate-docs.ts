import { writeFileSync } from 'node:fs';
import { configurationDoc } from '../config/configuration-doc.js';

/** The file that this program generates from the option table. `npm run generate` runs the program. */
export const configurationDocPath = new URL('../../../../../docs/configuration.md', import.meta.url);

if (process.argv[1] === import.meta.filename) writeFileSync(configurationDocPath, configurationDoc());
