import { register } from 'node:module';

// Loaded with `--import` in front of a run: the server's code is read with the edits of one mutant.
register('./loader.js', import.meta.url, { data: process.env.NODEKEEPER_MUTANT });
