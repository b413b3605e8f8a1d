/**
 * For programs that run whole servers on machines of their own making: the parts a server is put together from, and a
 * disk in memory. Nothing here is promised to stay as it is.
 */
export { defaultConfig, type ServerConfig } from '../config/server-config.js';
export type { Logger } from '../log/logger.js';
export { createMember, EnsembleConfig } from '../membership/index.js';
export { EnsembleReplica } from '../pipeline/ensemble-replica.js';
export type { CorePorts, ServerCore } from '../pipeline/server-core.js';
export * from '../ports/disk.js';
export * from '../ports/network.js';
export { nodeDisk } from '../ports/node/node-disk.js';
export type { Scheduler } from '../ports/scheduler.js';
export * from '../storage/index.js';
export { openDirectories } from '../storage/open-directories.js';
export { TxnApplier } from '../tree/apply-txn.js';
export { DataTree } from '../tree/data-tree.js';
export { Quotas } from '../tree/quotas.js';
export { WatchManager } from '../watch/watch-manager.js';
export { follows } from '../zab/committed-log.js';
export { encodeHello } from '../zab/election-hello.js';
export { Epochs } from '../zab/epochs.js';
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
export { Peer, type PeerOptions } from '../zab/peer.js';
export type { LeaderGate, LeaderLink } from '../zab/replica.js';
export * from './durable-state.js';
export * from './peer-tap.js';
export * from './peer-text.js';
export * from './random.js';
export * from './simulated-disk.js';
export * from './wire.js';
