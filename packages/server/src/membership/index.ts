/** The ensemble as data: who is in it, how that is written, which servers are a quorum. */
export { ActiveConfig } from './active-config.js';
export { parseConfigText } from './config-text.js';
export { EnsembleConfig } from './ensemble-config.js';
export { createMember, type Role } from './member.js';
export type { Quorums } from './quorum-verifier.js';
