/** Minimum limit for one path, data or ACL of a snapshot. */
export const defaultRecordBytesMax = 64 * 1024 * 1024;

/**
 * The maximum length of one path, data or ACL of a snapshot. All of them arrived in requests, so ZooKeeper refuses any
 * longer than `jute.maxbuffer` plus its extra size. Here, a limit that was lowered since then refuses nothing. The
 * number of records has no limit.
 */
export function recordBytesMax(config: {
  readonly juteMaxBufferBytes: number;
  readonly juteMaxBufferExtraSizeBytes: number;
}): number {
  return Math.max(defaultRecordBytesMax, config.juteMaxBufferBytes + config.juteMaxBufferExtraSizeBytes);
}

/** Throws for a negative or too large length, before memory is allocated for it. */
export function refuseLength(what: string, length: number, max: number): void {
  if (length >= 0 && length <= max) return;
  const limit =
    length < 0 ? '' : `, above the limit of ${max} (64 MiB, or jute.maxbuffer plus its extrasize if larger)`;
  throw new Error(`the snapshot holds ${what} of ${length} bytes${limit}`);
}
