import { Reader, Writer, zxidEpoch } from '@nodekeeper/protocol';
import { epochMax } from './epochs.js';
import type { PeerState, ToldVote } from './vote.js';

/** The number that stands for each state in a message (spec 4.2). */
const numbers: Readonly<Record<PeerState, number>> = { looking: 0, following: 1, leading: 2, observing: 3 };
const states = new Map(Object.entries(numbers).map(([state, number]) => [number, state as PeerState]));

/** A message on the election port: the sender's vote, state and configuration (spec 4.2). */
export interface Notification extends ToldVote {
  /** The sender's configuration as text. Empty if the message is older than version 2. */
  readonly config: string;
}

const notificationVersion = 2;
/**
 * Lengths of messages from older servers. In a message of ZooKeeper 3.4.0, electionEpoch is the last field. In messages
 * of later versions up to 3.4.5, peerEpoch is the last field.
 */
const oldestBytes = 28;
const olderBytes = 40;

/** A notification to encode. There is no `version`, because the encoder always writes the latest version. */
export type OutgoingNotification = Omit<Notification, 'version'>;

export function encodeNotification({
  state,
  leader,
  zxid,
  electionEpoch,
  peerEpoch,
  config,
}: OutgoingNotification): Buffer {
  const text = Buffer.from(config, 'utf8');
  const out = new Writer(44 + text.length);
  out.int(numbers[state]);
  out.long(leader);
  out.long(zxid);
  out.long(electionEpoch);
  out.long(peerEpoch);
  out.int(notificationVersion);
  out.buffer(text);
  return out.view();
}

/** A server without a vote sends this value as leader, zxid and peerEpoch. */
export const noVote = -(2 ** 63);

/**
 * True if a number in a message is exact. Ids, zxids, rounds and epochs must be exact, because two different inexact
 * numbers could compare as equal. -1 means none.
 */
function isExact(number: number): boolean {
  return number === noVote || (number >= -1 && Number.isSafeInteger(number));
}

/**
 * Decodes a message of any version. Returns undefined for a malformed message, which the server ignores (4.2.4). A
 * message of exactly 40 bytes counts as version 0, whatever its last four bytes contain (4.2.1).
 */
export function decodeNotification(bytes: Buffer): Notification | undefined {
  if (bytes.length < oldestBytes) return undefined;
  const reader = new Reader(bytes);
  const state = states.get(reader.int());
  if (state === undefined) return undefined;
  const vote = { state, leader: reader.long(), zxid: reader.long(), electionEpoch: reader.long() };
  if (!isExact(vote.leader) || !isExact(vote.zxid) || !isExact(vote.electionEpoch)) return undefined;
  if (bytes.length === oldestBytes) return { ...vote, peerEpoch: zxidEpoch(vote.zxid), version: 0, config: '' };
  if (bytes.length < olderBytes) return undefined;
  const peerEpoch = reader.long();
  if (!isExact(peerEpoch) || peerEpoch > epochMax) return undefined;
  const version = bytes.length === olderBytes ? 0 : reader.int();
  if (version < notificationVersion) return { ...vote, peerEpoch, version, config: '' };
  const config = readConfig(reader);
  return config === undefined ? undefined : { ...vote, peerEpoch, version, config };
}

function readConfig(reader: Reader): string | undefined {
  if (reader.remaining < 4) return undefined;
  const length = reader.int();
  if (length < 0 || length > reader.remaining) return undefined;
  return reader.bytes.toString('utf8', reader.position, reader.position + length);
}
