import { getInt, getLong, putInt, type Writer } from '@nodekeeper/protocol';
import { adler32 } from '../checksum/index.js';
import { entryHeaderSize } from './file-format.js';

/**
 * A mark follows the last entry of each batch and records where the batch begins and ends. The next batch overwrites
 * it. ZooKeeper reads it as padding: the zeros at its start end the log. The mark tells recovery which bytes belong to
 * the last batch. The server had not acknowledged this batch, so a crash may have torn it. Everything before it was
 * durable, so a bad entry there means damage.
 */
const markMagic = 0x4e4b424d; // NKBM
const bodyOffset = entryHeaderSize;
const bodySize = 20;
/** The mark's own first bytes, after the zeros. */
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

/** The mark at `bytes[at]`, whose offset in the file is `position`; undefined if there is none. */
export function readBatchMark(bytes: Uint8Array, at: number, end: number, position: number): BatchMark | undefined {
  if (end - at < batchMarkSize) return undefined;
  const body = at + bodyOffset;
  if (getInt(bytes, body) !== markMagic) return undefined;
  if (getInt(bytes, body + bodySize) >>> 0 !== adler32(bytes, body, body + bodySize)) return undefined;
  const mark = { batchStart: getLong(bytes, body + 4), batchEnd: getLong(bytes, body + 12) };
  return mark.batchEnd === position ? mark : undefined;
}
