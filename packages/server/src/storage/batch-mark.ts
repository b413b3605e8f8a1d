import { getInt, getLong, putInt, type Writer } from '@nodekeeper/protocol';
import { adler32 } from '../checksum/index.js';
import { entryHeaderSize } from './file-format.js';

/**
 * A batch is a group of log entries that one sync makes durable. The server writes a mark after the last entry of each
 * batch, and the next batch overwrites this mark. The mark records the file offsets where its batch begins and ends.
 * The mark begins with zeros. ZooKeeper therefore takes the mark for padding, which ends a log.
 *
 * The mark tells recovery which bytes belong to the last batch. A crash may have torn the last batch before the server
 * acknowledged it. Every earlier batch was durable, so a bad entry in an earlier batch means damage.
 */
const markMagic = 0x4e4b424d; // NKBM
const bodyOffset = entryHeaderSize;
const bodySize = 20;
/** The first bytes of a mark after its leading zeros: `markMagic` as text. */
export const batchMarkMagic: Buffer = Buffer.from('NKBM');
export const batchMarkSize = bodyOffset + bodySize + 4;

export interface BatchMark {
  batchStart: number;
  batchEnd: number;
}

export function writeBatchMark(writer: Writer, batchStart: number, batchEnd: number): void {
  writer.long(0);
  writer.int(0);
  const body = writer.position;
  writer.int(markMagic);
  writer.long(batchStart);
  writer.long(batchEnd);
  writer.reserve(4);
  writer.position = putInt(writer.bytes, writer.position, adler32(writer.bytes, body, body + bodySize));
}

/**
 * Reads the mark at `bytes[at]`, which is at offset `position` of the file. Returns undefined if these bytes are not a
 * valid mark, or if the mark's batch does not end at `position`.
 */
export function readBatchMark(bytes: Uint8Array, at: number, end: number, position: number): BatchMark | undefined {
  if (end - at < batchMarkSize) return undefined;
  const body = at + bodyOffset;
  if (getInt(bytes, body) !== markMagic) return undefined;
  if (getInt(bytes, body + bodySize) >>> 0 !== adler32(bytes, body, body + bodySize)) return undefined;
  const mark = { batchStart: getLong(bytes, body + 4), batchEnd: getLong(bytes, body + 12) };
  return mark.batchEnd === position ? mark : undefined;
}
