import { register } from 'node:module';

// Loaded with `--import` before a run. Applies the edits of one mutant to the server's code when Node.js reads the
// code.
register('./loader.js', import.meta.url, { data: process.env.NODEKEEPER_MUTANT });
