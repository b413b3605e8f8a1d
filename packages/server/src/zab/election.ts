import type { ActiveConfig } from '../membership/index.js';
import { type Notification, noVote, type OutgoingNotification } from './notification.js';
import { beats, type Candidacy, type PeerState, supports, type ToldVote, type Vote } from './vote.js';

/** What the election calls in its server. No method may call the election again before it returns. */
export interface ElectionSink {
  /** Sends a message. If an earlier message to the same server is still unsent, the new message replaces it. */
  send(to: number, notification: OutgoingNotification): void;
  /** True if the latest message to at least one server has been sent. */
  hasDelivered(): boolean;
  connectAll(): void;
  /** True if this server is connected to server `serverId`. */
  isConnected(serverId: number): boolean;
  /** Called when the election is over. The state is `leading` if the vote is for this server. */
  elected(vote: Vote, state: Exclude<PeerState, 'looking'>): void;
  /** Called when the election ignores a vote from server `from` because the vote is implausible. */
  voteIgnored(from: number, reason: string): void;
  /** Called when server `from` looks for a leader while this server has one. `vote` is the vote of server `from`. */
  lookingSeen(from: number, vote: Candidacy): void;
}

interface ElectionOptions {
  readonly myId: number;
  /** The option `fastleader.minNotificationInterval`. */
  readonly shortestIntervalMs: number;
  /** The option `fastleader.maxNotificationInterval`. */
  readonly longestIntervalMs: number;
}

/**
 * How long the election waits for a better candidate after a quorum has agreed (ZooKeeper's `finalizeWait`). If every
 * connected voter agrees, the election ends without this wait.
 */
const finalizeWaitMs = 200;
/** The vote of a server that cannot be a candidate. */
const noCandidate: Candidacy = { leader: noVote, zxid: noVote, peerEpoch: noVote };
/**
 * This server adopts a received election round up to this limit, even if the round is far ahead of its own. A ZooKeeper
 * server may have adopted a forged round, and this server must still elect a leader with it. JavaScript integers are
 * exact up to 2^53, so 2^52 exact rounds remain after the limit.
 */
const roundBelieved = 2 ** 52;
/**
 * How far a received round above `roundBelieved` may be ahead of this server's own round. The limit is the number of
 * elections that this server may have missed. Without it, a few forged messages could use up the exact integers.
 */
const roundsUnseen = 2 ** 20;
/** The zxid that a server sends if its database is unexpectedly empty. Such a server must not vote (4.2.13). */
const noDatabase = -1;

/**
 * Fast leader election (spec 4.2). Each server votes for the best candidate that it knows. When its vote changes, it
 * sends the vote to all voters. The election ends when a quorum has the same vote and no better candidate appears for a
 * short time. The election also ends when a quorum votes for a server that is already leading. While no election runs,
 * this class tells servers that look for a leader which server leads.
 */
export class Election {
  readonly #options: ElectionOptions;
  readonly #sink: ElectionSink;
  readonly #config: ActiveConfig;
  #state: PeerState = 'looking';
  #isRunning = false;
  /** The number of the election round (`logicalclock`). Only votes of the same round are counted together. */
  #round = 0;
  #initial: Candidacy = noCandidate;
  #proposed: Candidacy = noCandidate;
  /** The outcome of the last election. */
  #current: Vote = { ...noCandidate, electionEpoch: 0 };
  /** The votes of the present round, by server id. */
  readonly #received = new Map<number, ToldVote>();
  /** The votes of servers that have a leader, by server id. These votes may be of any round. */
  readonly #established = new Map<number, ToldVote>();
  /** Servers to which this server has sent its present vote a second time, because they voted for a worse candidate. */
  readonly #corrected = new Set<number>();
  #intervalMs = 0;
  #resendMs = Number.POSITIVE_INFINITY;
  #finalMs = Number.POSITIVE_INFINITY;

  constructor(config: ActiveConfig, options: ElectionOptions, sink: ElectionSink) {
    this.#config = config;
    this.#options = options;
    this.#sink = sink;
  }

  /** True if this server is an observer. An observer looks for the leader too, but has no vote. */
  get #isObserver(): boolean {
    return this.#config.committed.members.get(this.#options.myId)?.role === 'observer';
  }

  get state(): PeerState {
    return this.#state;
  }

  /** The servers that have sent a vote in this round. */
  get knownVoters(): Iterable<number> {
    return this.#received.keys();
  }

  /**
   * Sets the leader's epoch in the vote that this server sends. The epoch becomes known only after the election
   * (4.2.22).
   */
  set currentEpoch(peerEpoch: number) {
    this.#current = { ...this.#current, peerEpoch };
  }

  /**
   * Starts an election round. `zxid` is the last zxid in this server's log, and `peerEpoch` is this server's current
   * epoch.
   */
  look(zxid: number, peerEpoch: number, nowMs: number): void {
    const { myId } = this.#options;
    this.#state = 'looking';
    this.#isRunning = true;
    this.#round = Number.isSafeInteger(this.#round + 1) ? this.#round + 1 : 1;
    this.#received.clear();
    this.#established.clear();
    this.#initial = this.#isObserver
      ? noCandidate
      : { leader: this.#config.isVoter(myId) ? myId : noCandidate.leader, zxid, peerEpoch };
    this.#proposed = this.#initial;
    // before the first election ends, the current vote is this server's own candidacy
    if (this.#current.leader === noCandidate.leader) this.#current = { ...this.#initial, electionEpoch: this.#round };
    this.#intervalMs = this.#options.shortestIntervalMs;
    this.#finalMs = Number.POSITIVE_INFINITY;
    this.#broadcast();
    this.#count(nowMs);
    this.#resendMs = nowMs + this.#intervalMs;
  }

  /** The leader is lost. Until `look` starts the next election, this server sends no votes. */
  leaderLost(): void {
    this.#isRunning = false;
    this.#state = 'looking';
  }

  tick(nowMs: number): void {
    if (!this.#isRunning) return;
    if (nowMs >= this.#finalMs) {
      this.#finish({ ...this.#proposed, electionEpoch: this.#round });
    } else if (nowMs >= this.#resendMs) {
      if (this.#sink.hasDelivered()) this.#broadcast();
      else this.#sink.connectAll();
      this.#intervalMs = Math.min(this.#intervalMs * 2, this.#options.longestIntervalMs);
      this.#resendMs = nowMs + this.#intervalMs;
    }
  }

  /**
   * Handles a message from server `from`. The connection determines `from`, because the message itself does not name
   * its sender.
   */
  receive(from: number, notification: Notification, nowMs: number): void {
    if (!this.#config.isVoter(from)) {
      // a server without a vote sends a message only to ask which server leads
      this.#answer(from, { ...this.#current, electionEpoch: this.#round });
      if (notification.state === 'looking' && this.#state !== 'looking') this.#sink.lookingSeen(from, notification);
    } else if (!this.#isRunning) {
      if (notification.state === 'looking' && this.#state !== 'looking') this.#answerLooking(from, notification);
    } else {
      const { state, electionEpoch } = notification;
      if (state === 'looking' && electionEpoch < this.#round) this.#answerLagging(from);
      if (state === 'looking' && electionEpoch === this.#round) this.#correct(from, notification);
      this.#consider(from, notification, nowMs);
    }
  }

  /**
   * Sends this server's vote once more to server `from`, which votes for a worse candidate. When the vote was sent
   * first, `from` may still have had a leader, and then it did not count the vote. Without the repetition, the other
   * servers may elect a leader before the next broadcast, and `from` would find no quorum.
   */
  #correct(from: number, vote: Notification): void {
    if (this.#corrected.has(from) || !this.#isBetter(this.#proposed, vote)) return;
    this.#corrected.add(from);
    this.#answerLagging(from);
  }

  #answerLooking(from: number, vote: Candidacy): void {
    this.#answer(from, this.#current);
    this.#sink.lookingSeen(from, vote);
  }

  #answerLagging(from: number): void {
    this.#answer(from, { ...this.#proposed, electionEpoch: this.#round });
  }

  #answer(to: number, vote: Vote): void {
    this.#sink.send(to, { ...vote, state: this.#state, config: this.#config.committed.text });
  }

  #broadcast(): void {
    const { myId } = this.#options;
    this.#corrected.clear();
    const vote = { ...this.#proposed, electionEpoch: this.#round };
    for (const voter of this.#config.quorums.voters) {
      if (voter !== myId) this.#answer(voter, vote);
    }
    if (this.#config.isVoter(myId) && !this.#isObserver) {
      this.#received.set(myId, { ...vote, state: 'looking', version: 0 });
    }
  }

  #consider(from: number, notification: Notification, nowMs: number): void {
    this.#resendMs = nowMs + this.#intervalMs;
    if (!this.#config.isVoter(notification.leader)) return;
    if (notification.state === 'looking') this.#considerVote(from, notification, nowMs);
    else if (notification.state !== 'observing') this.#considerLeader(from, notification);
  }

  /** Handles the vote of a server that also looks for a leader (4.2.12). */
  #considerVote(from: number, vote: Notification, nowMs: number): void {
    if (this.#initial.zxid === noDatabase || vote.zxid === noDatabase) return;
    if (vote.electionEpoch < this.#round) return;
    if (vote.electionEpoch > Math.max(this.#round, roundBelieved) + roundsUnseen) {
      this.#sink.voteIgnored(
        from,
        `the round of its vote, ${vote.electionEpoch}, is too far ahead of this server's round, ${this.#round}`,
      );
      return;
    }
    if (vote.electionEpoch > this.#round) {
      this.#round = vote.electionEpoch;
      this.#received.clear();
      this.#propose(this.#isBetter(vote, this.#initial) ? vote : this.#initial);
    } else if (this.#isBetter(vote, this.#proposed)) {
      this.#propose(vote);
    }
    this.#received.set(from, { ...vote, version: 0 });
    this.#count(nowMs);
  }

  #isBetter(one: Candidacy, other: Candidacy): boolean {
    return this.#config.committed.verifier.weight(one.leader) > 0 && beats(one, other);
  }

  #propose({ leader, zxid, peerEpoch }: Candidacy): void {
    this.#proposed = { leader, zxid, peerEpoch };
    this.#finalMs = Number.POSITIVE_INFINITY;
    this.#broadcast();
  }

  /**
   * Counts the votes. The final wait starts when a quorum votes for this server's candidate, and is cancelled if that
   * quorum is lost.
   */
  #count(nowMs: number): void {
    const mine: ToldVote = { ...this.#proposed, electionEpoch: this.#round, state: 'looking', version: 0 };
    if (!this.#hasQuorum(this.#received, mine)) this.#finalMs = Number.POSITIVE_INFINITY;
    else if (this.#isUnanimous(mine)) this.#finalMs = nowMs;
    else if (this.#finalMs === Number.POSITIVE_INFINITY) this.#finalMs = nowMs + finalizeWaitMs;
  }

  /**
   * True if every connected voter votes for the same candidate as this server. No connected voter can then propose a
   * better candidate.
   */
  #isUnanimous(mine: ToldVote): boolean {
    for (const voter of this.#config.quorums.voters) {
      const received = this.#received.get(voter);
      const agrees = received !== undefined && supports(received, mine);
      if (!agrees && voter !== this.#options.myId && this.#sink.isConnected(voter)) return false;
    }
    return true;
  }

  /** Handles the vote of a server that has a leader (4.2.15). */
  #considerLeader(from: number, received: Notification): void {
    if (received.electionEpoch === this.#round) {
      this.#received.set(from, { ...received, version: 0 });
      if (this.#isEstablished(this.#received, received)) {
        this.#finish(received);
        return;
      }
    }
    this.#established.set(from, received);
    if (this.#isEstablished(this.#established, received)) {
      this.#round = received.electionEpoch;
      this.#finish(received);
    }
  }

  /**
   * True if a quorum has this vote and the leader itself confirms that it leads. Without the confirmation, the servers
   * could elect a dead server again and again.
   */
  #isEstablished(votes: ReadonlyMap<number, ToldVote>, received: ToldVote): boolean {
    if (!this.#hasQuorum(votes, received)) return false;
    if (received.leader === this.#options.myId) return received.electionEpoch === this.#round;
    return votes.get(received.leader)?.state === 'leading';
  }

  #hasQuorum(votes: ReadonlyMap<number, ToldVote>, vote: ToldVote): boolean {
    const supporters = new Set<number>();
    for (const [serverId, received] of votes) {
      if (supports(received, vote)) supporters.add(serverId);
    }
    return this.#config.isQuorum(supporters);
  }

  #finish({ leader, zxid, electionEpoch, peerEpoch }: Vote): void {
    const { myId } = this.#options;
    this.#isRunning = false;
    this.#current = { leader, zxid, electionEpoch, peerEpoch };
    this.#state = leader === myId ? 'leading' : this.#isObserver ? 'observing' : 'following';
    this.#sink.elected(this.#current, this.#state);
  }
}
