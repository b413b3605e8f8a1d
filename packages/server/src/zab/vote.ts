/** The state of a server in an ensemble. */
export type PeerState = 'looking' | 'following' | 'leading' | 'observing';

/** A vote for a leader, with the numbers by which votes are compared. */
export interface Vote {
  readonly leader: number;
  /** The zxid of the last transaction in the proposed leader's log. */
  readonly zxid: number;
  /** The round of election in which the vote was cast (`logicalclock`). */
  readonly electionEpoch: number;
  /** The current epoch of the proposed leader. */
  readonly peerEpoch: number;
}

/** A vote that another server has sent. */
export interface ToldVote extends Vote {
  /** The state of the server that has sent the vote. */
  readonly state: PeerState;
  /** The version of the message with the vote; 0 from servers before 3.4.6. */
  readonly version: number;
}

/** The part of a vote that decides which of two votes is better. */
export type Candidacy = Pick<Vote, 'leader' | 'zxid' | 'peerEpoch'>;

/**
 * True if `one` is better than `other`. The later epoch wins, then the later transaction, then the larger server id
 * (spec 4.2.10).
 */
export function beats(one: Candidacy, other: Candidacy): boolean {
  if (one.peerEpoch !== other.peerEpoch) return one.peerEpoch > other.peerEpoch;
  if (one.zxid !== other.zxid) return one.zxid > other.zxid;
  return one.leader > other.leader;
}

/**
 * True if the vote `received` supports the vote `vote`. If the sender of one of them is still looking, all their
 * numbers must be equal. If both senders have a leader, zxid and round may differ, because each server keeps the
 * numbers of its own election (ZOOKEEPER-1805). Servers before 3.4.6 send no epoch to compare (ZOOKEEPER-1732).
 */
export function supports(received: ToldVote, vote: ToldVote): boolean {
  if (received.leader !== vote.leader) return false;
  if (received.state === 'looking' || vote.state === 'looking') {
    return (
      received.zxid === vote.zxid &&
      received.electionEpoch === vote.electionEpoch &&
      received.peerEpoch === vote.peerEpoch
    );
  }
  if (received.version > 0 !== vote.version > 0) return true;
  return received.peerEpoch === vote.peerEpoch;
}
