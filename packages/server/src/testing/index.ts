/**
 * The API for programs that run whole servers on simulated machines: the parts of a server, and a disk in memory. This
 * API may change in any release.
 */
export { defaultConfig, type ServerConfig } from '../config/server-config.js';
export type { Database } from '../database/database.js';
export type { End } from '../in-memory/connection.js';
export { type Host, Network, type NetworkRates } from '../in-memory/network.js';
export { type ClockSkew, drawSkew, Process } from '../in-memory/process.js';
export { Timeline } from '../in-memory/timeline.js';
export type { Logger } from '../log/logger.js';
export { createMember, EnsembleConfig } from '../membership/index.js';
export * from '../ports/disk.js';
export * from '../ports/network.js';
export { nodeDisk } from '../ports/node/node-disk.js';
export type { Scheduler } from '../ports/scheduler.js';
export type { ServerMode } from '../roles/role.js';
export { createServer } from '../server/create-server.js';
export type { EnsembleReplica } from '../server/ensemble-replica.js';
export type { MemberServer } from '../server/member-server.js';
export type { ServerPorts } from '../server/server-ports.js';
export * from '../storage/index.js';
export { TxnApplier } from '../tree/apply-txn.js';
export { DataTree } from '../tree/data-tree.js';
export { Quotas } from '../tree/quotas.js';
export { addSystemNodes } from '../tree/system-nodes.js';
export { WatchManager } from '../watch/watch-manager.js';
export { follows } from '../zab/committed-log.js';
export { encodeHello } from '../zab/election-hello.js';
export { encodeNotification } from '../zab/notification.js';
export {
  decodePacket,
  encodeForwarded,
  encodeLearnerInfo,
  encodePacket,
  type Packet,
  PacketType,
  packetName,
  zabProtocolVersion,
} from '../zab/packets.js';
export type { Peer } from '../zab/peer.js';
export type { LeaderGate, LeaderLink, Replica } from '../zab/replica.js';
export * from './durable-state.js';
export * from './peer-tap.js';
export * from './peer-text.js';
export * from './random.js';
export * from './simulated-disk.js';
export * from './wire.js';
