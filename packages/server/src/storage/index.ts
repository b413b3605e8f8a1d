export * from './data-directory.js';
export * from './file-format.js';
export type { LogBatch } from './log-batch.js';
export * from './purge.js';
export * from './recovery.js';
export * from './recovery-error.js';
export * from './snapshot-reader.js';
export * from './snapshot-writer.js';
export * from './txn-log.js';
