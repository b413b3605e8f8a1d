import {
  errorName,
  OpCode,
  opByNumber,
  Reader,
  sessionIdHex,
  txnHeaderBytes,
  txnSessionId,
  txnType,
  zxidEpoch,
  zxidHex,
} from '@nodekeeper/protocol';
import { type Notification, noVote } from '../zab/notification.js';
import { decodeForwarded, decodeTouches, decodeValidity, type Packet, PacketType, packetName } from '../zab/packets.js';

/*
 * The messages between servers as text for traces: one line per packet of the quorum port and per notification of the
 * election port.
 */

/**
 * The sender of a packet. REVALIDATE and PING from a leader have other contents than REVALIDATE and PING from a
 * learner.
 */
export type Sender = 'leader' | 'learner';

/** Formats a session id for a trace. */
export type SessionText = (sessionId: bigint) => string;

type Details = (packet: Packet, sender: Sender, session: SessionText) => string;

const nothing: Details = () => '';

/** The text after the name of a packet, by type. For a type without a row, the text is the packet's zxid. */
const details = new Map<number, Details>([
  [PacketType.followerInfo, acceptedEpoch],
  [PacketType.observerInfo, acceptedEpoch],
  [PacketType.leaderInfo, epoch],
  [PacketType.ackEpoch, ({ zxid, data }) => `currentEpoch=${data.readInt32BE(0)} zxid=${zxidHex(zxid)}`],
  [PacketType.newLeader, epoch],
  [PacketType.upToDate, nothing],
  [PacketType.proposal, transaction],
  [PacketType.inform, transaction],
  [PacketType.request, ({ data }, _, session) => requestText(data, session)],
  [PacketType.sync, nothing],
  [PacketType.ping, ping],
  [PacketType.revalidate, revalidate],
]);

/** Formats a packet, for example as `PROPOSAL 0x100000002 create /a session=0x1000`. */
export function packetText(packet: Packet, sender: Sender, session: SessionText = sessionIdHex): string {
  const name = packetName(packet.type);
  const rest = (details.get(packet.type) ?? (({ zxid }) => zxidHex(zxid)))(packet, sender, session);
  return rest === '' ? name : `${name} ${rest}`;
}

function acceptedEpoch({ zxid }: Packet): string {
  return `acceptedEpoch=${zxidEpoch(zxid)}`;
}

function epoch({ zxid }: Packet): string {
  return `epoch=${zxidEpoch(zxid)}`;
}

function transaction({ zxid, data }: Packet, _: Sender, session: SessionText): string {
  return `${zxidHex(zxid)} ${transactionText(data, session)}`;
}

function ping({ zxid, data }: Packet, sender: Sender, session: SessionText): string {
  if (sender === 'leader') return zxidHex(zxid);
  const used = decodeTouches(data).map(({ sessionId }) => session(sessionId));
  return used.length === 0 ? '' : `used=${used.join(',')}`;
}

function revalidate({ data }: Packet, sender: Sender, session: SessionText): string {
  if (sender === 'learner')
    return decodeTouches(data)
      .map(({ sessionId }) => `session=${session(sessionId)}`)
      .join();
  const { sessionId, isValid } = decodeValidity(data);
  return `session=${session(sessionId)} valid=${isValid}`;
}

/** The operations whose request and transaction both begin with a path. */
const withPath: ReadonlySet<number> = new Set([
  OpCode.create,
  OpCode.create2,
  OpCode.createContainer,
  OpCode.createTTL,
  OpCode.delete,
  OpCode.deleteContainer,
  OpCode.setData,
  OpCode.setACL,
  OpCode.sync,
]);

function requestText(data: Buffer, session: SessionText): string {
  const { sessionId, type, body } = decodeForwarded(data);
  return `${operationText(type, new Reader(body))} session=${session(sessionId)}`;
}

/** Formats the type, the path and the session of a transaction. */
function transactionText(data: Buffer, session: SessionText): string {
  const body = new Reader(data.subarray(txnHeaderBytes));
  return `${operationText(txnType(data), body)} session=${session(txnSessionId(data))}`;
}

function operationText(type: number, body: Reader): string {
  if (type === OpCode.error) return `error ${errorName(body.int())}`;
  const name = opByNumber(type)?.name ?? `operation ${type}`;
  return withPath.has(type) ? `${name} ${body.ustring()}` : name;
}

/** Formats a notification, for example as `NOTIFICATION LOOKING leader=3 zxid=0x0 peerEpoch=0 electionEpoch=1`. */
export function notificationText({ state, leader, zxid, peerEpoch, electionEpoch }: Notification): string {
  const vote = leader === noVote ? 'leader=none' : `leader=${leader} zxid=${zxidHex(zxid)} peerEpoch=${peerEpoch}`;
  return `NOTIFICATION ${state.toUpperCase()} ${vote} electionEpoch=${electionEpoch}`;
}
