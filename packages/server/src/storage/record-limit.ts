/**
 * The limit for one record (path, data or ACL) of a snapshot, in bytes. The configuration can only raise this limit.
 */
export const defaultRecordBytesMax = 64 * 1024 * 1024;

/**
 * The maximum length in bytes of one path, one znode's data or one ACL in a snapshot. Each of these arrived in a
 * request, and requests have a maximum length. So ZooKeeper refuses a record longer than `jute.maxbuffer` plus
 * `jute.maxbuffer.extrasize`. nodekeeper allows at least 64 MiB, so it can still read a snapshot after `jute.maxbuffer`
 * was lowered. The number of records has no limit.
 */
export function recordBytesMax(config: {
  readonly juteMaxBufferBytes: number;
  readonly juteMaxBufferExtraSizeBytes: number;
}): number {
  return Math.max(defaultRecordBytesMax, config.juteMaxBufferBytes + config.juteMaxBufferExtraSizeBytes);
}

/** Throws if the length of a record is negative or above `max`. Call this before allocating memory for the record. */
export function refuseLength(what: string, length: number, max: number): void {
  if (length >= 0 && length <= max) return;
  const limit =
    length < 0 ? '' : `, above the limit of ${max} (64 MiB, or jute.maxbuffer plus its extrasize if larger)`;
  throw new Error(`the snapshot holds ${what} of ${length} bytes${limit}`);
}
