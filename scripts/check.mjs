// `npm run check`: types, lint, format, generated code, layering and purity, and whether the packages could be published.
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
run(process.execPath, ['scripts/tidy.mjs']);
run(process.execPath, ['scripts/release.mjs', '--check']);
