import { register } from 'node:module';

// Loaded with `--import` before a run: applies the edits of one mutant to the server's code when it is read.
register('./loader.js', import.meta.url, { data: process.env.NODEKEEPER_MUTANT });
