/** The ensemble as data: who is in it, how that is written, which servers are a quorum. */
export { ActiveConfig } from './active-config.js';
export { parseConfigText } from './config-text.js';
export { EnsembleConfig } from './ensemble-config.js';
export { createMember, type Endpoint, type Member, type MemberAddress, type Role, type ServerId } from './member.js';
export {
  type Groups,
  HierarchicalQuorums,
  JointQuorums,
  MajorityQuorums,
  type Quorums,
  type QuorumVerifier,
} from './quorum-verifier.js';
