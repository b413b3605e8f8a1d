// `npm start [-- zoo.cfg] [--set key=value ...]`: build what is missing, then serve in this very process.
import { ensure } from './ensure.mjs';

ensure();
process.argv.splice(2, 0, 'server');
await import('../packages/server/bin/nodekeeper.js');
