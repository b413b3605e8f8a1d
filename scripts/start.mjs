// `npm start [-- zoo.cfg] [--set key=value ...]`: builds the outputs that are stale, then runs a server in this
// process.
import { ensure } from './ensure.mjs';

ensure();
process.argv.splice(2, 0, 'server');
await import('../packages/server/bin/nodekeeper.js');
