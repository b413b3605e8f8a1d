import {
  getInt,
  type Id,
  OpCode,
  opByNumber,
  ProtocolError,
  putInt,
  Reader,
  readVector,
  Writer,
} from '@nodekeeper/protocol';

/** The number of each packet type on the quorum port (spec 4.3). */
export const PacketType = {
  request: 1,
  proposal: 2,
  ack: 3,
  commit: 4,
  ping: 5,
  revalidate: 6,
  sync: 7,
  inform: 8,
  commitAndActivate: 9,
  newLeader: 10,
  followerInfo: 11,
  upToDate: 12,
  diff: 13,
  trunc: 14,
  snap: 15,
  observerInfo: 16,
  leaderInfo: 17,
  ackEpoch: 18,
  informAndActivate: 19,
} as const;

const names = new Map<number, string>(Object.entries(PacketType).map(([name, type]) => [type, name.toUpperCase()]));

export function packetName(type: number): string {
  return names.get(type) ?? `packet of unknown type ${type}`;
}

/** The only supported version of the protocol (ZAB 1.0). */
export const zabProtocolVersion = 0x10000;

export interface Packet {
  readonly type: number;
  readonly zxid: number;
  /** The data of the packet. Null on the wire becomes an empty buffer, because both mean the same. */
  readonly data: Buffer;
  readonly ids: readonly Id[];
}

const noBytes: Buffer = Buffer.alloc(0);
const noIds: readonly Id[] = [];
/** The zxid in packets that need no zxid. */
const noZxid = -1;

/** The length of the fields that every packet has: type, zxid, length of the data, number of ids. */
const fixedBytes = 4 + 8 + 4 + 4;

/** Encodes a packet: type, zxid, data, ids. The packet does not start with its length. */
export function encodePacket(type: number, zxid: number, data?: Uint8Array, ids?: readonly Id[]): Buffer {
  const idBytes = ids === undefined ? noBytes : encodeIds(ids);
  const size = data?.length ?? 0;
  const packet = Buffer.allocUnsafe(fixedBytes + size + idBytes.length);
  let at = putInt(packet, 0, type);
  at = putInt(packet, at, Math.floor(zxid / 0x100000000));
  at = putInt(packet, at, zxid | 0);
  at = putInt(packet, at, data === undefined ? -1 : size);
  if (data !== undefined) packet.set(data, at);
  putInt(packet, at + size, ids === undefined ? -1 : ids.length);
  packet.set(idBytes, at + size + 4);
  return packet;
}

function encodeIds(ids: readonly Id[]): Buffer {
  const out = new Writer(64);
  for (const { scheme, id } of ids) {
    out.ustring(scheme);
    out.ustring(id);
  }
  return out.view();
}

/** The length of the first fields of a packet: type, zxid and length of the data. */
const headBytes = 16;

/**
 * Finds the end of a packet that may arrive in several chunks. Ids have no fixed length, so the scan must read the
 * length of each id.
 */
export class PacketScan {
  /**
   * The number of bytes from the start of the packet that the next step needs. Once the packet is whole, this is its
   * length.
   */
  needed = headBytes;
  /** What the last four of the `needed` bytes contain: a length, the number of ids, or the end of the packet. */
  #next: 'dataLength' | 'idCount' | 'textLength' | 'end' = 'dataLength';
  #textsLeft = 0;

  reset(): void {
    this.needed = headBytes;
    this.#next = 'dataLength';
  }

  /**
   * Returns true if the packet at `start` is whole. `length` is the number of received bytes from `start` on. Throws
   * `ProtocolError` as soon as the bytes cannot be a packet.
   */
  isWhole(bytes: Buffer, start: number, length: number, bytesMax: number): boolean {
    // checks the type first, so that bytes that are not a packet are refused before the claimed length has arrived
    if (this.#next === 'dataLength' && length >= 4) checkType(getInt(bytes, start));
    for (;;) {
      if (this.needed > bytesMax) throw new ProtocolError(`a packet of more than ${bytesMax} bytes`);
      if (length < this.needed) return false;
      if (this.#next === 'end') return true;
      this.#look(getInt(bytes, start + this.needed - 4));
    }
  }

  #look(value: number): void {
    if (this.#next === 'dataLength') {
      this.needed += textBytes(value) + 4;
      this.#next = 'idCount';
      return;
    }
    if (this.#next === 'idCount') this.#textsLeft = Math.max(0, value) * 2;
    else {
      this.#textsLeft--;
      this.needed += textBytes(value);
    }
    this.#next = this.#textsLeft === 0 ? 'end' : 'textLength';
    if (this.#textsLeft > 0) this.needed += 4;
  }
}

function checkType(type: number): void {
  if (type < PacketType.request || type > PacketType.informAndActivate) throw new ProtocolError(packetName(type));
}

/** Returns the number of bytes that follow a length field. A length of -1 stands for null. */
function textBytes(length: number): number {
  if (length < -1) throw new ProtocolError(`a negative length, ${length}`);
  return Math.max(0, length);
}

/** Decodes a whole packet. Throws `ProtocolError` if a field is invalid. */
export function decodePacket(reader: Reader): Packet {
  const type = reader.int();
  checkType(type);
  const zxid = reader.long();
  // a larger zxid is not an exact JavaScript number
  if (zxid < noZxid || !Number.isSafeInteger(zxid))
    throw new ProtocolError(`${packetName(type)} with the zxid ${zxid}`);
  const data = reader.buffer() ?? noBytes;
  const ids = readVector(reader, 8, (item) => ({ scheme: item.ustring(), id: item.ustring() }));
  return { type, zxid, data, ids: ids === null || ids.length === 0 ? noIds : ids };
}

/** The data of FOLLOWERINFO and OBSERVERINFO, with which a learner introduces itself. */
export interface LearnerInfo {
  readonly serverId: number;
  readonly protocolVersion: number;
  readonly configVersion: number;
}

export function encodeLearnerInfo({ serverId, protocolVersion, configVersion }: LearnerInfo): Buffer {
  const out = new Writer(20);
  out.long(serverId);
  out.int(protocolVersion);
  out.long(configVersion);
  return out.view();
}

/**
 * Decodes the data of FOLLOWERINFO or OBSERVERINFO. Older servers omit the last fields. Throws `ProtocolError` if the
 * id is missing or a number is invalid.
 */
export function decodeLearnerInfo(data: Buffer): LearnerInfo {
  if (data.length < 8) throw new ProtocolError('a learner that does not send its id');
  const reader = new Reader(data);
  const serverId = reader.long();
  const protocolVersion = reader.remaining >= 4 ? reader.int() : 0;
  const configVersion = reader.remaining >= 8 ? reader.long() : 0;
  if (serverId < 0 || !Number.isSafeInteger(serverId)) throw new ProtocolError(`a learner with the id ${serverId}`);
  if (!Number.isSafeInteger(configVersion)) throw new ProtocolError(`a configuration of version ${configVersion}`);
  return { serverId, protocolVersion, configVersion };
}

/** A client's request that a learner forwards to the leader. */
export interface ForwardedRequest {
  readonly sessionId: bigint;
  readonly cxid: number;
  readonly type: number;
  readonly body: Buffer;
}

export function encodeForwarded({ sessionId, cxid, type, body }: ForwardedRequest): Buffer {
  const data = Buffer.allocUnsafe(16 + body.length);
  data.writeBigInt64BE(sessionId, 0);
  putInt(data, putInt(data, 8, cxid), type);
  data.set(body, 16);
  return data;
}

/**
 * True for requests that the leader decides. ZooKeeper's followers also forward a single `check`. nodekeeper's
 * followers reject a single `check` themselves.
 */
function isForwarded(type: number): boolean {
  const kind = opByNumber(type)?.kind;
  return (kind === 'write' && type !== OpCode.error) || kind === 'session' || kind === 'sync';
}

/** Decodes the data of REQUEST. Throws `ProtocolError` if the leader does not decide requests of this type. */
export function decodeForwarded(data: Buffer): ForwardedRequest {
  const reader = new Reader(data);
  const sessionId = reader.longBig();
  const cxid = reader.int();
  const type = reader.int();
  if (!isForwarded(type)) throw new ProtocolError(`REQUEST with the op code ${type}, which is not a write`);
  return { sessionId, cxid, type, body: data.subarray(reader.position) };
}

/**
 * A session and its timeout. A learner's answer to PING lists the sessions that its clients have used. A REVALIDATE
 * packet contains the session about which the learner asks.
 */
export interface SessionTouch {
  readonly sessionId: bigint;
  readonly timeoutMs: number;
}

export function encodeTouches(touches: readonly SessionTouch[]): Buffer {
  const out = new Writer(12 * touches.length);
  for (const { sessionId, timeoutMs } of touches) {
    out.longBig(sessionId);
    out.int(timeoutMs);
  }
  return out.view();
}

export function decodeTouches(data: Buffer): SessionTouch[] {
  const reader = new Reader(data);
  const touches: SessionTouch[] = [];
  while (reader.remaining >= 12) touches.push({ sessionId: reader.longBig(), timeoutMs: reader.int() });
  return touches;
}

/** Encodes the leader's answer to REVALIDATE. */
export function encodeValidity(sessionId: bigint, isValid: boolean): Buffer {
  const out = new Writer(9);
  out.longBig(sessionId);
  out.bool(isValid);
  return out.view();
}

export function decodeValidity(data: Buffer): { sessionId: bigint; isValid: boolean } {
  const reader = new Reader(data);
  return { sessionId: reader.longBig(), isValid: reader.bool() };
}
