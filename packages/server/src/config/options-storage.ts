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

/** Storage and transactions. */
export const storageOptions: readonly OptionRow[] = [
  integer('preAllocSize', 'preAllocSizeKb', 'KiB by which a log file is grown ahead of its end.', { min: 1 }),
  integer('snapCount', 'snapCount', 'Transactions between snapshots, drawn between one half and all of it.', {
    raiseTo: 2,
  }),
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
      'Share of the newest snapshot up to which a follower is sent what it lacks from the logs instead; negative is never.',
    ),
  ),
  yesNo('forceSync', 'forceSync', 'no acknowledges writes before they are on disk: they can be lost.', 'yes'),
  integer('fsync.warningthresholdms', 'fsyncWarningThresholdMs', 'A slower fdatasync is warned of, in ms.', {
    ...LONG,
    min: 0,
  }),
  inapplicable(
    'flushDelay',
    '0',
    'How long a batch of writes may gather, in ms: it gathers while the disk has the one before.',
  ),
  inapplicable('maxWriteQueuePollTime', '0', 'Wait of the flushing thread, in ms; flushDelay / 3 unless set.'),
  inapplicable('maxBatchSize', '1000', 'Writes flushed at once, at most.'),
  flag('digest.enabled', 'digestEnabled', 'A digest of the tree is kept, logged and compared.'),
  flag('closeSessionTxn.enabled', 'closeSessionTxnEnabled', 'closeSession transactions list the ephemerals.'),
  flag(
    'serializeLastProcessedZxid.enabled',
    'serializeLastProcessedZxidEnabled',
    'A snapshot ends with the last zxid in it.',
  ),
  choice(
    'snapshot.compression.method',
    'snapshotCompressionMethod',
    { '': 'none', gz: 'gzip', snappy: 'snappy' },
    '',
    'Compression of snapshots; none unless set.',
  ),
  flag('snapshot.trust.empty', 'snapshotTrustEmpty', 'Logs without any snapshot are accepted.'),
  flag('datadir.autocreate', 'datadirAutocreate', 'Missing directories are made.'),
  flag('db.autocreate', 'dbAutocreate', 'An empty directory is an empty database.'),
  inEnsemble(flag('forceSnapshotSync', 'forceSnapshotSync', 'Followers are always sent a snapshot (for tests).')),
  inapplicable('intBufferStartingSizeBytes', '1024', 'Starting size of a reply buffer.'),
  later('less', 'test.allowDiscontinuousProposals', 'false', 'Accepts gaps in committed proposals (for tests).'),
  optionalInteger('testingonly.initialZxid', 'testingInitialZxid', 'The first zxid of an empty database (for tests).', {
    ...LONG,
    min: 0,
  }),
];
