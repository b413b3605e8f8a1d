/** The ensemble as data: who is in it, how that is written, which servers are a quorum. */
export { AckTracker } from './ack-tracker.js';
export { parseConfigText } from './config-text.js';
export { EnsembleConfig } from './ensemble-config.js';
export { createMember, type Endpoint, type Member, type MemberAddress, type Role, type ServerId } from './member.js';
export { type Groups, HierarchicalQuorums, MajorityQuorums, type QuorumVerifier } from './quorum-verifier.js';
