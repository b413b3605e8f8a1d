/** What a server of an ensemble is doing. */
export type PeerState = 'looking' | 'following' | 'leading' | 'observing';

/** For a leader, with the reason: how far it has come. */
export interface Vote {
  readonly leader: number;
  /** The last transaction in the leader's log. */
  readonly zxid: number;
  /** The round of election in which the vote was cast (`logicalclock`). */
  readonly electionEpoch: number;
  /** The leader's current epoch. */
  readonly peerEpoch: number;
}

/** A vote as a server has told it. */
export interface ToldVote extends Vote {
  /** What the server that told it was doing. */
  readonly state: PeerState;
  /** Of its message; 0 before 3.4.6. */
  readonly version: number;
}

/** Part of a vote that decides which one is better. */
export type Candidacy = Pick<Vote, 'leader' | 'zxid' | 'peerEpoch'>;

/**
 * Whether one candidacy beats another: by the later epoch, then by the later transaction, and then by the larger id
 * (inventory 4.2.10).
 */
export function beats(one: Candidacy, other: Candidacy): boolean {
  if (one.peerEpoch !== other.peerEpoch) return one.peerEpoch > other.peerEpoch;
  if (one.zxid !== other.zxid) return one.zxid > other.zxid;
  return one.leader > other.leader;
}

/**
 * Whether a told vote counts as one for `vote`. While one of the two is still looking everything must be the same; among
 * servers with a leader, zxid and round may differ, since each keeps those of its own election (ZOOKEEPER-1805), and
 * servers before 3.4.6 tell no epoch that could be compared (ZOOKEEPER-1732).
 */
export function supports(told: ToldVote, vote: ToldVote): boolean {
  if (told.leader !== vote.leader) return false;
  if (told.state === 'looking' || vote.state === 'looking') {
    return told.zxid === vote.zxid && told.electionEpoch === vote.electionEpoch && told.peerEpoch === vote.peerEpoch;
  }
  if (told.version > 0 !== vote.version > 0) return true;
  return told.peerEpoch === vote.peerEpoch;
}
