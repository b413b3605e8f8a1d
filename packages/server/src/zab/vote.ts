/** The state of a server of an ensemble. */
export type PeerState = 'looking' | 'following' | 'leading' | 'observing';

/** A vote for a leader, with the numbers that justify it. */
export interface Vote {
  readonly leader: number;
  /** The last transaction in the leader's log. */
  readonly zxid: number;
  /** The round of election in which the vote was cast (`logicalclock`). */
  readonly electionEpoch: number;
  /** The leader's current epoch. */
  readonly peerEpoch: number;
}

/** A vote as another server has sent it. */
export interface ToldVote extends Vote {
  /** The state of the server that sent it. */
  readonly state: PeerState;
  /** The version of the message; 0 before 3.4.6. */
  readonly version: number;
}

/** The part of a vote that decides which one is better. */
export type Candidacy = Pick<Vote, 'leader' | 'zxid' | 'peerEpoch'>;

/**
 * True if one candidacy beats another: first by the later epoch, then by the later transaction, then by the larger id
 * (spec 4.2.10).
 */
export function beats(one: Candidacy, other: Candidacy): boolean {
  if (one.peerEpoch !== other.peerEpoch) return one.peerEpoch > other.peerEpoch;
  if (one.zxid !== other.zxid) return one.zxid > other.zxid;
  return one.leader > other.leader;
}

/**
 * True if a received vote counts as one for `vote`. If one of the two servers is still looking, all numbers must be
 * equal. Among servers with a leader, zxid and round may differ, because each server keeps those of its own election
 * (ZOOKEEPER-1805). Servers before 3.4.6 send no epoch to compare (ZOOKEEPER-1732).
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
