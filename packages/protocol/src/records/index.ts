import { dataRecords } from './data.js';
import { persistenceRecords, quorumRecords } from './persistence.js';
import { protoRecords } from './proto.js';
import { txnRecords } from './txn.js';

/** All records on the wire or on disk, each declared once. `npm run generate` generates the codecs from this table. */
export const records = {
  ...dataRecords,
  ...protoRecords,
  ...txnRecords,
  ...persistenceRecords,
  ...quorumRecords,
} as const;
