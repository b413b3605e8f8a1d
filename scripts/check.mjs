// `npm run check`: checks types, lint, format, generated code, the imports that each layer may have, the purity of the
// core, and that the packages can be published.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensure, root, run } from './ensure.mjs';

ensure();
run(process.execPath, [
  join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome'),
  'check',
  '--error-on-warnings',
  '.',
]);
run(process.execPath, ['packages/protocol/dist/scripts/generate-codecs.js', '--check']);
run(process.execPath, ['scripts/api-docs.mjs', '--check']);
run(process.execPath, ['scripts/compatibility.mjs', '--check']);
run(process.execPath, ['scripts/tidy.mjs']);
run(process.execPath, ['scripts/release.mjs', '--check']);

const faults = [];
// `ensure` builds this module, so an import at the start of this file would fail in a new clone.
const { configurationDoc } = await import('../packages/server/dist/src/config/configuration-doc.js');
if (read('docs/configuration.md') !== configurationDoc()) {
  faults.push('docs/configuration.md is stale; run npm run generate');
}
const workflow = read('.github/workflows/ci.yml');
for (const command of read('.ci/run').match(/^npm .*$/gm)) {
  if (!workflow.includes(`run: ${command}\n`)) {
    faults.push(`.github/workflows/ci.yml does not run "${command}", as .ci/run does`);
  }
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);

function read(path) {
  return readFileSync(join(root, path), 'utf8');
}
