/**
 * Whole servers in the process of a test or of another program: `LocalEnsemble`, and the parts of it that the package
 * `@nodekeeper/testing` uses. This API may change in any release.
 */
export type { Process } from '../in-memory/process.js';
export { randomFrom } from '../in-memory/random.js';
export type { Transport } from '../ports/network.js';
export type { DataTree } from '../tree/data-tree.js';
export { ttlOfOwner } from '../tree/ephemeral-owner.js';
export { noNode, StatOffset } from '../tree/node-table.js';
export { memoryClientPort, tcpClients } from './client-port.js';
export { ManualTimeline } from './clocks.js';
export { LocalEnsemble, type LocalEnsembleOptions } from './local-ensemble.js';
export type { LocalServer } from './local-server.js';
