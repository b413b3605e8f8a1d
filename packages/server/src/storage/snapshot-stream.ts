import { type ACL, getInt, getLong, Reader, readACL, Writer, writeACL } from '@nodekeeper/protocol';
import { STAT_PERSISTED_SIZE } from './file-format.js';
import { RECORD_BYTES_MAX, refuseLength } from './record-limit.js';
import type { SnapshotSink } from './snapshot-reader.js';
import type { SnapshotSource } from './snapshot-writer.js';
import { StreamInput } from './stream-input.js';

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

type Part = 'sessions' | 'acls' | 'acl entries' | 'nodes' | 'signature';

/** Reads such a stream as it comes in; whatever stands half is looked at again once its rest can be there. */
export class SnapshotDecoder {
  readonly #sink: SnapshotSink;
  readonly #recordBytesMax: number;
  readonly #input = new StreamInput();
  #part: Part = 'sessions';
  /** Sessions or ACLs still to come; -1: their number is. */
  #left = -1;
  /** The one that is being read. */
  #acl: { readonly key: number; readonly entries: ACL[]; left: number; bytes: number } | undefined;

  constructor(sink: SnapshotSink, recordBytesMax: number = RECORD_BYTES_MAX) {
    this.#sink = sink;
    this.#recordBytesMax = recordBytesMax;
  }

  /** Gives the bytes behind the snapshot once it is whole. Throws an `Error` that says what is wrong with it. */
  push(bytes: Buffer): Buffer | undefined {
    const input = this.#input;
    input.add(bytes);
    let state = input.isReady ? this.#readOne() : 'incomplete';
    while (state === 'more') state = this.#readOne();
    if (state === 'end') return input.bytes.subarray(input.at, input.end);
    input.keepRest();
    return undefined;
  }

  /** One entry, or one number of entries. */
  #readOne(): 'more' | 'end' | 'incomplete' {
    if (this.#part === 'nodes') return this.#readNode();
    if (this.#part === 'signature') return this.#readSignature();
    if (this.#part === 'acl entries') return this.#readAclEntry();
    if (this.#left < 0) return this.#readCount();
    if (this.#left === 0) {
      this.#part = this.#part === 'sessions' ? 'acls' : 'nodes';
      this.#left = -1;
      return 'more';
    }
    return this.#part === 'sessions' ? this.#readSession() : this.#readAcl();
  }

  #readCount(): 'more' | 'incomplete' {
    const input = this.#input;
    if (!input.has(4)) return 'incomplete';
    const count = getInt(input.bytes, input.at);
    if (count < 0) throw new Error(`the snapshot claims ${count} ${this.#part}`);
    this.#left = count;
    input.at += 4;
    return 'more';
  }

  #readSession(): 'more' | 'incomplete' {
    const input = this.#input;
    if (!input.has(12)) return 'incomplete';
    this.#sink.session(input.bytes.readBigInt64BE(input.at), getInt(input.bytes, input.at + 8));
    input.at += 12;
    this.#left--;
    return 'more';
  }

  #readAcl(): 'more' | 'incomplete' {
    const input = this.#input;
    if (!input.has(12)) return 'incomplete';
    const key = getLong(input.bytes, input.at);
    this.#acl = { key, entries: [], left: getInt(input.bytes, input.at + 8), bytes: 0 };
    input.at += 12;
    this.#part = 'acl entries';
    return 'more';
  }

  #readAclEntry(): 'more' | 'incomplete' {
    const acl = this.#acl!;
    if (acl.left <= 0) {
      this.#sink.acl(acl.key, acl.entries);
      this.#left--;
      this.#part = 'acls';
      return 'more';
    }
    const input = this.#input;
    let size = 4;
    for (let text = 0; text < 2; text++) {
      if (!input.has(size + 4)) return 'incomplete';
      size += 4 + Math.max(0, getInt(input.bytes, input.at + size));
      refuseLength('an ACL', acl.bytes + size, this.#recordBytesMax);
    }
    if (!input.has(size)) return 'incomplete';
    acl.entries.push(readACL(new Reader(input.bytes, input.at, input.at + size)));
    acl.bytes += size;
    acl.left--;
    input.at += size;
    return 'more';
  }

  #readNode(): 'more' | 'incomplete' {
    const input = this.#input;
    if (!input.has(4)) return 'incomplete';
    const { at } = input;
    const pathLength = getInt(input.bytes, at);
    refuseLength('a path', pathLength, this.#recordBytesMax);
    if (!input.has(4 + pathLength)) return 'incomplete';
    if (pathLength === 1 && input.bytes[at + 4] === 0x2f) {
      input.at += 5;
      this.#part = 'signature';
      return 'more';
    }
    const dataAt = at + 4 + pathLength + 4;
    if (!input.has(dataAt - at)) return 'incomplete';
    const dataLength = getInt(input.bytes, dataAt - 4);
    if (dataLength !== -1) refuseLength('data', dataLength, this.#recordBytesMax);
    const aclAt = dataAt + Math.max(0, dataLength);
    const end = aclAt + 8 + STAT_PERSISTED_SIZE;
    if (!input.has(end - at)) return 'incomplete';
    const dataStart = dataLength < 0 ? -1 : dataAt;
    const dataEnd = dataLength < 0 ? -1 : aclAt;
    const pathStart = at + 4;
    const { bytes } = input;
    const aclKey = checkedAclKey(getLong(bytes, aclAt));
    this.#sink.node(bytes, pathStart, pathStart + pathLength, dataStart, dataEnd, aclKey, aclAt + 8);
    input.at = end;
    return 'more';
  }

  #readSignature(): 'end' | 'incomplete' {
    const input = this.#input;
    if (!input.has(4 + signature.length)) return 'incomplete';
    const text = input.bytes.toString('latin1', input.at + 4, input.at + 4 + signature.length);
    if (getInt(input.bytes, input.at) !== signature.length || text !== signature) {
      throw new Error(`the snapshot does not end with "${signature}"`);
    }
    input.at += 4 + signature.length;
    return 'end';
  }
}

/** The tree keeps the number in 32 bits; -1 is the open ACL. */
function checkedAclKey(key: number): number {
  if (key >= -1 && key <= 0x7fffffff) return key;
  throw new Error(`an ACL has the number ${key}`);
}
