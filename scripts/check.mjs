// `npm run check`: types, lint, format, generated code, layering and purity, and whether the packages could be published.
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

// The workflow has the commands of .ci/run, in jobs.
const workflow = readFileSync(join(root, '.github/workflows/ci.yml'), 'utf8');
for (const command of readFileSync(join(root, '.ci/run'), 'utf8').match(/^npm .*$/gm)) {
  if (workflow.includes(`run: ${command}\n`)) continue;
  console.error(`.github/workflows/ci.yml does not run "${command}", as .ci/run does`);
  process.exit(1);
}
