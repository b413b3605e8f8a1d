import type { Schema } from '../schema.js';

/**
 * The header of logs and snapshots, from the Java package org.apache.zookeeper.server.persistence. The records between
 * leader and learner are in `quorumRecords` (spec 1.7, 3.2, 4.3).
 */
export const persistenceRecords = {
  FileHeader: { magic: 'int', version: 'int', dbid: 'long' },
} as const satisfies Schema;

export const quorumRecords = {
  LearnerInfo: { serverid: 'long', protocolVersion: 'int', configVersion: 'long' },
  QuorumPacket: { type: 'int', zxid: 'zxid', data: 'buffer', authinfo: 'vector<Id>' },
  QuorumAuthPacket: { magic: 'long', status: 'int', token: 'buffer' },
} as const satisfies Schema;
