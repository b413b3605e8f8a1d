import { dataRecords } from './data.js';
import { persistenceRecords, quorumRecords } from './persistence.js';
import { protoRecords } from './proto.js';
import { txnRecords } from './txn.js';

/** Every record that travels or is stored, declared once. `npm run generate` makes the codecs from it. */
export const records = {
  ...dataRecords,
  ...protoRecords,
  ...txnRecords,
  ...persistenceRecords,
  ...quorumRecords,
} as const;
