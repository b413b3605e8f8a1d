/** One path, data or ACL of a snapshot may always be as long as this. */
export const defaultRecordBytesMax = 64 * 1024 * 1024;

/**
 * How long one path, data or ACL of a snapshot may be. What is in it came in requests, so Apache reads none longer than
 * `jute.maxbuffer` and its extra size; here a limit that was lowered since refuses nothing. How many there are has no limit.
 */
export function recordBytesMax(config: {
  readonly juteMaxBufferBytes: number;
  readonly juteMaxBufferExtraSizeBytes: number;
}): number {
  return Math.max(defaultRecordBytesMax, config.juteMaxBufferBytes + config.juteMaxBufferExtraSizeBytes);
}

/** Throws for a length that cannot be or is too large, before room is made for it. */
export function refuseLength(what: string, length: number, max: number): void {
  if (length >= 0 && length <= max) return;
  const limit =
    length < 0 ? '' : `, beyond the limit of ${max}: 64 MiB, or jute.maxbuffer and its extrasize where they are more`;
  throw new Error(`the snapshot holds ${what} of ${length} bytes${limit}`);
}
