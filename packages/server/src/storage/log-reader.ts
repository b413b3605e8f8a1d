import { getInt, txnHeaderBytes, txnZxid, zxidHex } from '@nodekeeper/protocol';
import { adler32 } from '../checksum/index.js';
import type { Disk, DiskFile } from '../ports/disk.js';
import { type BatchMark, batchMarkMagic, batchMarkSize, readBatchMark } from './batch-mark.js';
import {
  entryEnd,
  entryHeaderSize,
  fileHeaderSize,
  kindOfContent,
  logMagic,
  type NumberedFile,
} from './file-format.js';

const windowSize = 4 * 1024 * 1024;
/**
 * The maximum length of a log entry in bytes. A greater length means that the file is damaged. ZooKeeper's own limit is
 * `jute.maxbuffer`, 1 MiB by default.
 */
const entrySizeMax = 1024 * 1024 * 1024;
const sectorSize = 512;
/**
 * An upper estimate of the length of one batch in bytes, for a log without a batch mark. If whole entries continue for
 * longer than this after unreadable bytes, the unreadable bytes are part of an earlier batch. An earlier batch had been
 * durable, so the log is damaged.
 */
const tornSpanMax = 16 * 1024 * 1024;

/**
 * Why a log has no further entry.
 *
 * - `end`: padding or the end of the file follows the last entry.
 * - `bad`: the next entry is incomplete, or its checksum is wrong.
 * - `no-header`: the file header is missing or incomplete, so the log has no entry.
 * - `bad-header`: the file header is not that of a log, or the first entry does not have the zxid in the file's name.
 */
type LogEnding = 'end' | 'bad' | 'no-header' | 'bad-header';

/** Reads one log file entry by entry. Holds only a window of a few MiB of the file in memory. */
export class LogReader {
  bytes: Buffer;
  /** The body of the current entry is `bytes[start, end)`. This span is valid until the next call of any method. */
  start = 0;
  end = 0;
  zxid = -1;
  /** File offset of the current entry. */
  entryOffset = 0;
  /** File offset of the next entry. After the last entry, the offset where the entries end. */
  offset = 0;
  ending: LogEnding | undefined;
  problem = '';

  readonly path: string;
  readonly size: number;
  /** The zxid in the file's name. */
  readonly #firstZxid: number;
  readonly #file: DiskFile;
  /** File offset of the end of the bad entry, if the entry is complete and only its checksum is wrong. Otherwise -1. */
  #framedEnd = -1;
  #windowStart = 0;
  #windowEnd = 0;

  constructor(disk: Disk, file: Pick<NumberedFile, 'path' | 'zxid'>, windowBytes: number = windowSize) {
    this.path = file.path;
    this.#firstZxid = file.zxid;
    this.#file = disk.open(file.path, 'read');
    this.size = this.#file.size();
    this.bytes = Buffer.allocUnsafeSlow(Math.min(windowBytes, this.size));
  }

  /** Moves to the next entry. Returns false if there is no next entry; `ending` then gives the reason. */
  next(): boolean {
    if (this.ending !== undefined) return false;
    if (this.offset === 0 && !this.#readHeader()) return false;
    return this.#readEntry(this.offset, true) && !this.#isMisnamed();
  }

  /**
   * True if the zxid of the first entry is not the zxid in the file's name. Like ZooKeeper, nodekeeper names each log
   * after its first entry.
   */
  #isMisnamed(): boolean {
    if (this.entryOffset > fileHeaderSize || this.zxid === this.#firstZxid) return false;
    this.ending = 'bad-header';
    this.problem = `its first transaction is ${zxidHex(this.zxid)}, so the file name belongs to another log`;
    this.offset = fileHeaderSize;
    return true;
  }

  #readHeader(): boolean {
    const at = this.#window(0, fileHeaderSize);
    if (at < 0 || isUnfinishedHeader(this.bytes, at)) {
      this.ending = 'no-header';
      return false;
    }
    if (getInt(this.bytes, at) !== logMagic) {
      this.ending = 'bad-header';
      this.problem = `it does not start with a transaction log's magic number (ZKLG); it is ${kindOfContent(this.bytes, at)}`;
      return false;
    }
    this.offset = fileHeaderSize;
    return true;
  }

  #readEntry(offset: number, recordEnding: boolean): boolean {
    const head = this.#window(offset, entryHeaderSize);
    if (head < 0) return recordEnding && this.#endsShort(offset);
    const length = getInt(this.bytes, head + 8);
    if (length === 0 && isZero(this.bytes, head, head + entryHeaderSize)) return recordEnding && this.#ends('end');
    if (length < txnHeaderBytes || length > entrySizeMax) {
      return recordEnding && this.#ends('bad', `an entry of ${length} bytes`);
    }
    const whole = entryHeaderSize + length + 1;
    if (offset + whole > this.size)
      return recordEnding && this.#ends('bad', 'an entry that exceeds the end of the file');
    const at = this.#window(offset, whole);
    const bodyStart = at + entryHeaderSize;
    const bodyEnd = bodyStart + length;
    if (this.bytes[bodyEnd] !== entryEnd) return recordEnding && this.#ends('bad', 'an entry without its end byte');
    const stored = getInt(this.bytes, at + 4) >>> 0;
    if (getInt(this.bytes, at) !== 0 || stored !== adler32(this.bytes, bodyStart, bodyEnd)) {
      if (recordEnding) this.#framedEnd = offset + whole;
      return recordEnding && this.#ends('bad', 'an entry whose checksum is wrong (CRC check failed)');
    }
    this.start = bodyStart;
    this.end = bodyEnd;
    this.zxid = txnZxid(this.bytes, bodyStart);
    this.entryOffset = offset;
    this.offset = offset + whole;
    return true;
  }

  #ends(ending: LogEnding, problem = ''): false {
    this.ending = ending;
    this.problem = problem;
    return false;
  }

  #endsShort(offset: number): false {
    return offset === this.size ? this.#ends('end') : this.#ends('bad', 'a few bytes, too few for an entry');
  }

  /** Returns the mark of the last batch, or undefined if no valid mark follows the last entry. */
  batchMark(): BatchMark | undefined {
    const at = this.#window(this.offset, batchMarkSize);
    return at < 0 ? undefined : readBatchMark(this.bytes, at, at + batchMarkSize, this.offset);
  }

  /**
   * Searches for a whole entry whose zxid is above `zxid`. The search starts where the readable entries end. If such an
   * entry exists, it becomes the current entry, and `next` continues after it. Otherwise returns false, and does not
   * move.
   */
  findLaterEntry(zxid: number): boolean {
    let offset = this.offset === 0 ? fileHeaderSize : this.offset + 1;
    for (;;) {
      offset = this.#nextCandidate(offset);
      if (offset < 0) return false;
      if (this.#readEntry(offset, false)) {
        if (this.zxid > zxid) {
          this.ending = undefined;
          return true;
        }
        offset = this.offset;
      } else {
        offset++;
      }
    }
  }

  /**
   * Returns the next file offset where an entry could start, or -1 if there is none. An entry starts with four zeros,
   * which are the upper half of its checksum, and its length must fit into the file.
   */
  #nextCandidate(from: number): number {
    let offset = from;
    while (offset + entryHeaderSize + txnHeaderBytes < this.size) {
      const wanted = Math.min(windowSize, this.size - offset);
      const base = this.#window(offset, wanted);
      const limit = base + wanted - entryHeaderSize;
      const { bytes } = this;
      let at = base;
      while (at < limit) {
        if (bytes[at] === 0) {
          at = skipZeros(bytes, at, limit);
          if (at >= limit) break;
          if (getInt(bytes, at) === 0 && this.#couldHold(offset + at - base, getInt(bytes, at + 8))) {
            return offset + at - base;
          }
        }
        at++;
      }
      offset += Math.max(1, wanted - entryHeaderSize);
    }
    return -1;
  }

  #couldHold(offset: number, length: number): boolean {
    return length >= txnHeaderBytes && length <= entrySizeMax && offset + entryHeaderSize + length < this.size;
  }

  /**
   * Examines the bytes after the last readable entry. Call this only for the last log. A hole is a range of bytes
   * between that entry and a later whole entry.
   *
   * - `nothing`: no whole entry follows.
   * - `torn`: whole entries follow a hole. A power failure can lose any sector of the batch that is being written, so a
   *   hole in this batch is not damage.
   * - `damaged`: the bytes had been durable and changed later. For example, the mark of the last batch says that the
   *   batch begins after the hole, or no sector of the hole looks lost.
   */
  examineTail(lastZxid: number): 'nothing' | 'torn' | 'damaged' {
    const hole = this.offset;
    if (!this.findLaterEntry(lastZxid)) return this.#wasWrittenWhole(hole) ? 'damaged' : 'nothing';
    const holeEnd = this.entryOffset;
    do {
      while (this.next());
    } while (this.findLaterEntry(this.zxid));
    const mark = this.batchMark();
    if (!this.#hasLostSector(hole, holeEnd)) return 'damaged';
    if (mark !== undefined) return hole < mark.batchStart ? 'damaged' : 'torn';
    return this.offset - hole > tornSpanMax ? 'damaged' : 'torn';
  }

  /**
   * True if the disk had stored the whole bad entry, so that the entry was damaged later. This is assumed if no sector
   * from the start of the entry to its end looks lost. If the length of the entry is unreadable, the method uses the
   * end of its batch instead.
   */
  #wasWrittenWhole(hole: number): boolean {
    if (this.ending !== 'bad') return false;
    const end = this.#framedEnd > 0 ? this.#framedEnd : this.#findMark(hole);
    return end > hole && !this.#hasLostSector(hole, end);
  }

  /**
   * Searches for the first batch mark after offset `from`. Returns the offset of this mark, which is the end of its
   * batch, or -1 if there is no mark.
   */
  #findMark(from: number): number {
    for (let offset = from; offset < this.size; offset += windowSize - batchMarkSize) {
      const count = Math.min(windowSize, this.size - offset);
      const base = this.#window(offset, count);
      let at = this.bytes.indexOf(batchMarkMagic, base);
      for (; at >= 0 && at < base + count; at = this.bytes.indexOf(batchMarkMagic, at + 1)) {
        const start = at - entryHeaderSize;
        const position = offset + start - base;
        if (start >= base && readBatchMark(this.bytes, start, base + count, position)) return position;
      }
    }
    return -1;
  }

  /**
   * Skips a bad entry that replay does not need, and moves to the next whole entry. Returns false, and does not move,
   * if this would skip a transaction after `lastZxid`.
   */
  resume(lastZxid: number): boolean {
    const { offset, zxid, ending, problem } = this;
    if (ending !== 'bad' || zxid >= lastZxid) return false;
    if (this.findLaterEntry(zxid) && this.zxid <= lastZxid + 1) return true;
    this.offset = offset;
    this.zxid = zxid;
    this.ending = ending;
    this.problem = problem;
    return false;
  }

  /**
   * True if a disk sector between a bad entry (at `from`) and the next whole entry (at `to`) still holds its old
   * content. The disk had not written this sector when the power failed. The old content is zeros, except that the mark
   * of the previous batch may be at `from`.
   */
  #hasLostSector(from: number, to: number): boolean {
    const firstEnd = Math.ceil((from + 1) / sectorSize) * sectorSize;
    const headEnd = Math.min(firstEnd, from + entryHeaderSize);
    // A whole entry also begins with four zeros, so four zeros alone do not show that a sector was lost.
    if (headEnd - from > 4 && this.#isZeroInFile(from, headEnd)) return true;
    const last = Math.floor((to + 4) / sectorSize) * sectorSize;
    for (let start = Math.ceil(from / sectorSize) * sectorSize; start < last; start += sectorSize) {
      const afterMark = Math.max(start, from + batchMarkSize);
      if (afterMark < start + sectorSize && this.#isZeroInFile(afterMark, start + sectorSize)) return true;
    }
    return false;
  }

  #isZeroInFile(start: number, end: number): boolean {
    const at = this.#window(start, end - start);
    return at >= 0 && isZero(this.bytes, at, at + end - start);
  }

  /**
   * Loads `count` bytes at file offset `offset` into `bytes`, and returns their index in `bytes`. Returns -1 if the
   * file is too short.
   */
  #window(offset: number, count: number): number {
    if (offset + count > this.size) return -1;
    if (offset >= this.#windowStart && offset + count <= this.#windowEnd) return offset - this.#windowStart;
    if (count > this.bytes.length) this.bytes = Buffer.allocUnsafeSlow(count);
    const read = this.#file.read(this.bytes, 0, Math.min(this.bytes.length, this.size - offset), offset);
    this.#windowStart = offset;
    this.#windowEnd = offset + read;
    return read < count ? -1 : 0;
  }

  close(): void {
    this.#file.close();
  }
}

/**
 * True if the bytes are an incomplete file header followed by zeros, or only zeros. The first write to the file was
 * then interrupted.
 */
function isUnfinishedHeader(bytes: Buffer, at: number): boolean {
  let same = 0;
  while (same < logHeader.length && bytes[at + same] === logHeader[same]) same++;
  return same < logHeader.length && isZero(bytes, at + same, at + fileHeaderSize);
}

const logHeader = Uint8Array.of(logMagic >>> 24, (logMagic >>> 16) & 0xff, (logMagic >>> 8) & 0xff, logMagic & 0xff);

const zeros = Buffer.alloc(64 * 1024);

function isZero(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += zeros.length) {
    const count = Math.min(zeros.length, end - at);
    if (bytes.compare(zeros, 0, count, at, at + count) !== 0) return false;
  }
  return true;
}

/**
 * Skips most of a long run of zeros and returns the index after the skipped zeros. Does not skip the last zeros of the
 * run, because an entry may begin with them.
 */
function skipZeros(bytes: Buffer, from: number, limit: number): number {
  let at = from;
  while (at + zeros.length <= limit && isZero(bytes, at, at + zeros.length)) at += zeros.length - entryHeaderSize;
  return at;
}
