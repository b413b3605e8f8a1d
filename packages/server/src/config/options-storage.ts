import {
  choice,
  decimal,
  flag,
  inapplicable,
  inEnsemble,
  integer,
  later,
  optionalInteger,
  yesNo,
} from './option-kinds.js';
import type { OptionRow } from './option-row.js';

const LONG = { max: Number.MAX_SAFE_INTEGER } as const;

/** Options of storage and transactions. */
export const storageOptions: readonly OptionRow[] = [
  integer('preAllocSize', 'preAllocSizeKb', 'Step in KiB by which a log file is preallocated.', { min: 1 }),
  integer(
    'snapCount',
    'snapCount',
    'Transactions between snapshots; the actual number is random, from one half to all of it.',
    {
      raiseTo: 2,
    },
  ),
  inEnsemble(
    integer('commitLogCount', 'commitLogCount', 'Committed transactions kept in memory for followers; at least 500.', {
      raiseTo: 500,
    }),
  ),
  integer('snapSizeLimitInKb', 'snapSizeLimitInKb', 'KiB of log between snapshots; 0 or less is no limit.', LONG),
  integer(
    'txnLogSizeLimitInKb',
    'txnLogSizeLimitInKb',
    'KiB after which a new log file begins; negative is no limit.',
    LONG,
  ),
  inEnsemble(
    decimal(
      'snapshotSizeFactor',
      'snapshotSizeFactor',
      'A follower receives log entries instead of a snapshot if they are smaller than this share of the newest snapshot; negative is never.',
    ),
  ),
  yesNo('forceSync', 'forceSync', 'no acknowledges writes before they are on disk, so they can be lost.', 'yes'),
  integer('fsync.warningthresholdms', 'fsyncWarningThresholdMs', 'Warn of an fdatasync that takes longer, in ms.', {
    ...LONG,
    min: 0,
  }),
  inapplicable(
    'flushDelay',
    '0',
    'How long a batch of writes may gather, in ms. In nodekeeper a batch gathers while the disk writes the previous one.',
  ),
  inapplicable('maxWriteQueuePollTime', '0', 'Wait of the flushing thread, in ms; flushDelay / 3 unless set.'),
  inapplicable('maxBatchSize', '1000', 'Maximum number of writes flushed together.'),
  flag('digest.enabled', 'digestEnabled', 'Maintain, log and compare a digest of the tree.'),
  flag('closeSessionTxn.enabled', 'closeSessionTxnEnabled', 'closeSession transactions list the ephemeral nodes.'),
  flag(
    'serializeLastProcessedZxid.enabled',
    'serializeLastProcessedZxidEnabled',
    'A snapshot ends with its last zxid.',
  ),
  choice(
    'snapshot.compression.method',
    'snapshotCompressionMethod',
    { '': 'none', gz: 'gzip', snappy: 'snappy' },
    '',
    'Compression of snapshots; none unless set.',
  ),
  flag('snapshot.trust.empty', 'snapshotTrustEmpty', 'Accept logs without any snapshot.'),
  flag('datadir.autocreate', 'datadirAutocreate', 'Create missing directories.'),
  flag('db.autocreate', 'dbAutocreate', 'Treat an empty directory as an empty database.'),
  inEnsemble(flag('forceSnapshotSync', 'forceSnapshotSync', 'Always send followers a snapshot (for tests).')),
  inapplicable('intBufferStartingSizeBytes', '1024', 'Initial size of a reply buffer.'),
  later('less', 'test.allowDiscontinuousProposals', 'false', 'Accept gaps in committed proposals (for tests).'),
  optionalInteger('testingonly.initialZxid', 'testingInitialZxid', 'The first zxid of an empty database (for tests).', {
    ...LONG,
    min: 0,
  }),
];
