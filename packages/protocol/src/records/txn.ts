import type { Schema } from '../schema.js';

/** The records of the Java package org.apache.zookeeper.txn, which are in the log and in proposals (spec 1.7, 3.2). */
export const txnRecords = {
  TxnDigest: { version: 'int', treeDigest: 'long' },
  TxnHeader: { clientId: 'long', cxid: 'int', zxid: 'zxid', time: 'timeMs', type: 'int' },
  CreateTxnV0: { path: 'ustring', data: 'buffer', acl: 'vector<ACL>', ephemeral: 'bool' },
  CreateTxn: { path: 'ustring', data: 'buffer', acl: 'vector<ACL>', ephemeral: 'bool', parentCVersion: 'int' },
  CreateTTLTxn: { path: 'ustring', data: 'buffer', acl: 'vector<ACL>', parentCVersion: 'int', ttl: 'timeMs' },
  CreateContainerTxn: { path: 'ustring', data: 'buffer', acl: 'vector<ACL>', parentCVersion: 'int' },
  DeleteTxn: { path: 'ustring' },
  SetDataTxn: { path: 'ustring', data: 'buffer', version: 'int' },
  CheckVersionTxn: { path: 'ustring', version: 'int' },
  SetACLTxn: { path: 'ustring', acl: 'vector<ACL>', version: 'int' },
  SetMaxChildrenTxn: { path: 'ustring', max: 'int' },
  CreateSessionTxn: { timeOut: 'int' },
  CloseSessionTxn: { paths2Delete: 'vector<ustring>' },
  ErrorTxn: { err: 'int' },
  Txn: { type: 'int', data: 'buffer' },
  MultiTxn: { txns: 'vector<Txn>' },
} as const satisfies Schema;
