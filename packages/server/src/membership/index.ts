/** The ensemble as data: its servers, the text form of its configuration, and its quorums. */
export { ActiveConfig } from './active-config.js';
export { parseConfigText } from './config-text.js';
export { EnsembleConfig } from './ensemble-config.js';
export { createMember, type Role } from './member.js';
export type { Quorums } from './quorum-verifier.js';
