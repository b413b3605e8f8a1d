// `npm start [-- zoo.cfg] [--set key=value ...]`: builds what is missing, then serves in this process.
import { ensure } from './ensure.mjs';

ensure();
process.argv.splice(2, 0, 'server');
await import('../packages/server/bin/nodekeeper.js');
