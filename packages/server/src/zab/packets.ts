import { type Id, ProtocolError, putInt, Reader, readVector, Writer } from '@nodekeeper/protocol';

/** What leader and learners say to each other on the quorum port (inventory 4.3), with their numbers. */
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

/** The only version of the protocol that is spoken (ZAB 1.0). */
export const zabProtocolVersion = 0x10000;

export interface Packet {
  readonly type: number;
  readonly zxid: number;
  /** Null and empty are the same to all who read it. */
  readonly data: Buffer;
  readonly ids: readonly Id[];
}

const noBytes: Buffer = Buffer.alloc(0);
const noIds: readonly Id[] = [];

/** Type, zxid, length of data, number of ids. */
const fixedBytes = 4 + 8 + 4 + 4;

/** The bytes of a packet: type, zxid, data, ids; there is no length in front. */
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

/**
 * Reads one packet; undefined while it is not whole (the reader is then anywhere). Throws `ProtocolError` for types and
 * lengths that cannot be.
 */
export function decodePacket(reader: Reader): Packet | undefined {
  if (reader.remaining < 16) return undefined;
  const type = reader.int();
  // a stranger is told at once from a peer, not when a packet as long as its bytes seem to say is whole
  if (type < PacketType.request || type > PacketType.informAndActivate) throw new ProtocolError(packetName(type));
  const zxid = reader.long();
  const length = reader.length();
  if (reader.remaining < Math.max(0, length) + 4) return undefined;
  const data = length <= 0 ? noBytes : reader.bytes.subarray(reader.position, reader.position + length);
  reader.position += Math.max(0, length);
  const count = reader.int();
  if (count <= 0) return { type, zxid, data, ids: noIds };
  reader.position -= 4;
  const ids = readIds(reader);
  return ids === undefined ? undefined : { type, zxid, data, ids };
}

/** Ids come one by one, so only the end of the last one tells whether all are here. */
function readIds(reader: Reader): Id[] | undefined {
  const start = reader.position;
  let at = start + 4;
  for (let texts = reader.bytes.readInt32BE(start) * 2; texts > 0; texts--) {
    if (at + 4 > reader.end) return undefined;
    at += 4 + Math.max(0, reader.bytes.readInt32BE(at));
    if (at > reader.end) return undefined;
  }
  return readVector(reader, 8, (item) => ({ scheme: item.ustring(), id: item.ustring() })) ?? [];
}

/** Who a learner says it is: FOLLOWERINFO and OBSERVERINFO. */
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

/** Older servers leave out what came later. Undefined for less than an id. */
export function decodeLearnerInfo(data: Buffer): LearnerInfo | undefined {
  if (data.length < 8) return undefined;
  const reader = new Reader(data);
  const serverId = reader.long();
  const protocolVersion = reader.remaining >= 4 ? reader.int() : 0;
  const configVersion = reader.remaining >= 8 ? reader.long() : 0;
  return { serverId, protocolVersion, configVersion };
}

/** A client's request on its way from a learner to the leader. */
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

export function decodeForwarded(data: Buffer): ForwardedRequest {
  const reader = new Reader(data);
  const sessionId = reader.longBig();
  const cxid = reader.int();
  const type = reader.int();
  return { sessionId, cxid, type, body: data.subarray(reader.position) };
}

/** Sessions that a learner's clients have used, in its answers to PING; and a session it asks about, in REVALIDATE. */
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

/** The leader's answer to REVALIDATE. */
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
