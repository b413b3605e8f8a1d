import { type ACL, getInt, getLong, Reader, readACL, Writer, writeACL } from '@nodekeeper/protocol';
import { STAT_PERSISTED_SIZE } from './file-format.js';
import type { SnapshotSink } from './snapshot-reader.js';
import type { SnapshotSource } from './snapshot-writer.js';

/*
 * A snapshot on its way to a learner (inventory 4.5): what a file holds without its header, seals and digest, and a
 * signature behind it.
 */

const signature = 'BenWasHere';
const SLICE_SIZE = 256 * 1024;

/** Writes a snapshot slice by slice; `next` gives undefined when all is written. */
export class SnapshotEncoder {
  readonly #source: SnapshotSource;
  #isBegun = false;
  #isDone = false;

  constructor(source: SnapshotSource) {
    this.#source = source;
  }

  next(): Buffer | undefined {
    if (this.#isDone) return undefined;
    const writer = new Writer(SLICE_SIZE * 2);
    if (!this.#isBegun) this.#begin(writer);
    if (!this.#source.writeNodes(writer, SLICE_SIZE)) {
      this.#isDone = true;
      this.#source.close();
      writer.ustring('/');
      writer.ustring(signature);
    }
    return writer.view();
  }

  #begin(writer: Writer): void {
    this.#isBegun = true;
    const sessions = [...this.#source.sessions];
    writer.int(sessions.length);
    for (const { id, timeoutMs } of sessions) {
      writer.longBig(id);
      writer.int(timeoutMs);
    }
    writer.int(this.#source.acls.length);
    for (const { key, acl } of this.#source.acls) {
      writer.long(key);
      writer.int(acl.length);
      for (const entry of acl) writeACL(writer, entry);
    }
  }

  abort(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#source.close();
  }
}

type Part = 'sessions' | 'acls' | 'nodes' | 'signature';

/** Reads such a stream as it comes in; whatever stands half is looked at again with the next bytes. */
export class SnapshotDecoder {
  readonly #sink: SnapshotSink;
  #pending: Buffer = Buffer.alloc(0);
  #at = 0;
  #part: Part = 'sessions';
  /** Entries of the part still to come; -1: their number is. */
  #left = -1;

  constructor(sink: SnapshotSink) {
    this.#sink = sink;
  }

  /** Gives the bytes behind the snapshot once it is whole. Throws an `Error` that says what is wrong with it. */
  push(bytes: Buffer): Buffer | undefined {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    this.#at = 0;
    for (;;) {
      const start = this.#at;
      const state = this.#readOne();
      if (state === 'end') return this.#pending.subarray(this.#at);
      if (state === 'more') continue;
      this.#pending = Buffer.from(this.#pending.subarray(start));
      return undefined;
    }
  }

  /** One entry, or one number of entries. */
  #readOne(): 'more' | 'end' | 'incomplete' {
    if (this.#part === 'nodes') return this.#readNode();
    if (this.#part === 'signature') return this.#readSignature();
    if (this.#left < 0) return this.#readCount();
    if (this.#left === 0) {
      this.#part = this.#part === 'sessions' ? 'acls' : 'nodes';
      this.#left = -1;
      return 'more';
    }
    const isRead = this.#part === 'sessions' ? this.#readSession() : this.#readAcl();
    if (!isRead) return 'incomplete';
    this.#left--;
    return 'more';
  }

  #has(count: number): boolean {
    return this.#pending.length - this.#at >= count;
  }

  #readCount(): 'more' | 'incomplete' {
    if (!this.#has(4)) return 'incomplete';
    const count = getInt(this.#pending, this.#at);
    if (count < 0) throw new Error(`the snapshot claims ${count} ${this.#part}`);
    this.#left = count;
    this.#at += 4;
    return 'more';
  }

  #readSession(): boolean {
    if (!this.#has(12)) return false;
    this.#sink.session(this.#pending.readBigInt64BE(this.#at), getInt(this.#pending, this.#at + 8));
    this.#at += 12;
    return true;
  }

  #readAcl(): boolean {
    if (!this.#has(12)) return false;
    const key = getLong(this.#pending, this.#at);
    const count = getInt(this.#pending, this.#at + 8);
    const end = this.#endOfAcl(this.#at + 12, count);
    if (end === undefined) return false;
    const reader = new Reader(this.#pending, this.#at + 12, end);
    const acl: ACL[] = [];
    for (let entry = 0; entry < count; entry++) acl.push(readACL(reader));
    this.#sink.acl(key, acl);
    this.#at = end;
    return true;
  }

  #endOfAcl(start: number, count: number): number | undefined {
    let at = start;
    for (let entry = 0; entry < count; entry++) {
      at += 4;
      for (let text = 0; text < 2; text++) {
        if (at + 4 > this.#pending.length) return undefined;
        at += 4 + Math.max(0, getInt(this.#pending, at));
      }
    }
    return at > this.#pending.length ? undefined : at;
  }

  #readNode(): 'more' | 'incomplete' {
    if (!this.#has(4)) return 'incomplete';
    const at = this.#at;
    const pending = this.#pending;
    const pathLength = getInt(pending, at);
    if (pathLength < 0) throw new Error(`the snapshot has a path of ${pathLength} bytes`);
    if (!this.#has(4 + pathLength)) return 'incomplete';
    if (pathLength === 1 && pending[at + 4] === 0x2f) {
      this.#at += 5;
      this.#part = 'signature';
      return 'more';
    }
    const dataAt = at + 4 + pathLength + 4;
    if (!this.#has(dataAt - at)) return 'incomplete';
    const dataLength = getInt(pending, dataAt - 4);
    if (dataLength < -1) throw new Error(`the snapshot has data of ${dataLength} bytes`);
    const aclAt = dataAt + Math.max(0, dataLength);
    const end = aclAt + 8 + STAT_PERSISTED_SIZE;
    if (end > pending.length) return 'incomplete';
    const dataStart = dataLength < 0 ? -1 : dataAt;
    const dataEnd = dataLength < 0 ? -1 : aclAt;
    const pathStart = at + 4;
    this.#sink.node(pending, pathStart, pathStart + pathLength, dataStart, dataEnd, getLong(pending, aclAt), aclAt + 8);
    this.#at = end;
    return 'more';
  }

  #readSignature(): 'end' | 'incomplete' {
    if (!this.#has(4 + signature.length)) return 'incomplete';
    const text = this.#pending.toString('latin1', this.#at + 4, this.#at + 4 + signature.length);
    if (getInt(this.#pending, this.#at) !== signature.length || text !== signature) {
      throw new Error(`the snapshot does not end with "${signature}"`);
    }
    this.#at += 4 + signature.length;
    return 'end';
  }
}
