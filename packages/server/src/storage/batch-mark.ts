import { getInt, getLong, putInt, type Writer } from '@nodekeeper/protocol';
import { adler32 } from '../checksum/index.js';
import { entryHeaderSize } from './file-format.js';

/**
 * Behind the last entry of each batch stands a mark that says where the batch begins and ends; the next batch overwrites
 * it. To Apache it is padding: the zeros in front of it end the log. Recovery learns from it what was still being written
 * when the power went (anything in the last batch, which nobody was told is durable) and what had been durable before,
 * where a bad entry means damage.
 */
const markMagic = 0x4e4b424d; // NKBM
const bodyOffset = entryHeaderSize;
const bodySize = 20;
/** The mark's own first bytes, behind the zeros. */
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

/** The mark at `bytes[at]`, which is `position` in its file; undefined when there is none. */
export function readBatchMark(bytes: Uint8Array, at: number, end: number, position: number): BatchMark | undefined {
  if (end - at < batchMarkSize) return undefined;
  const body = at + bodyOffset;
  if (getInt(bytes, body) !== markMagic) return undefined;
  if (getInt(bytes, body + bodySize) >>> 0 !== adler32(bytes, body, body + bodySize)) return undefined;
  const mark = { batchStart: getLong(bytes, body + 4), batchEnd: getLong(bytes, body + 12) };
  return mark.batchEnd === position ? mark : undefined;
}
