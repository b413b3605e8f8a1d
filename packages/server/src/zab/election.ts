import type { ActiveConfig } from '../membership/index.js';
import { type Notification, noVote, type OutgoingNotification } from './notification.js';
import { beats, type Candidacy, type PeerState, supports, type ToldVote, type Vote } from './vote.js';

/** The election's interface to its server. No call re-enters the election before it returns. */
export interface ElectionSink {
  /** Sends a message. It replaces an unsent message to the same server. */
  send(to: number, notification: OutgoingNotification): void;
  /** True if the last message to at least one server is sent. */
  hasDelivered(): boolean;
  connectAll(): void;
  /** True if there is a connection with this server now. */
  isConnected(serverId: number): boolean;
  /** The election is over: `leading` if the vote is for this server. */
  elected(vote: Vote, state: Exclude<PeerState, 'looking'>): void;
  /** A vote is ignored because it is implausible. */
  voteIgnored(from: number, reason: string): void;
  /** Another server looks for a leader, with this vote, while this server has one. */
  lookingSeen(from: number, vote: Candidacy): void;
}

interface ElectionOptions {
  readonly myId: number;
  /** `fastleader.minNotificationInterval` and `.maxNotificationInterval`. */
  readonly shortestIntervalMs: number;
  readonly longestIntervalMs: number;
}

/**
 * How long a quorum that agrees waits for a better candidate (`finalizeWait`). It does not wait if no server is left to
 * name one.
 */
const finalizeWaitMs = 200;
/** The proposal of a server without a vote. */
const noCandidate: Candidacy = { leader: noVote, zxid: noVote, peerEpoch: noVote };
/**
 * Each process counts rounds from 0, and the others continue from the largest round that a server sends. Any round up
 * to this one is believed, because the exact numbers allow as many more. A later round may be ahead of this server's
 * round only by the elections that this server can have missed. So a few messages cannot exhaust the exact numbers. A
 * ZooKeeper server that believed such a round can still take part in an election with this server.
 */
const roundBelieved = 2 ** 52;
const roundsUnseen = 2 ** 20;
/** The zxid of a server whose database is unexpectedly empty: it must not vote (4.2.13). */
const noDatabase = -1;

/**
 * Fast leader election (spec 4.2). Each server votes for the best candidate that it knows, and sends its vote to
 * all voters when it changes. The election ends when a quorum has the same vote and no better candidate appears for a
 * while. It also ends when a quorum names a leader that already leads. Outside of an election, this class answers
 * servers that look for a leader.
 */
export class Election {
  readonly #options: ElectionOptions;
  readonly #sink: ElectionSink;
  readonly #config: ActiveConfig;
  #state: PeerState = 'looking';
  #isRunning = false;
  /** The round of voting (`logicalclock`): only votes of one round are counted together. */
  #round = 0;
  #initial: Candidacy = noCandidate;
  #proposed: Candidacy = noCandidate;
  /** The last election's outcome. */
  #current: Vote = { ...noCandidate, electionEpoch: 0 };
  /** Votes of this round. */
  readonly #received = new Map<number, ToldVote>();
  /** Votes of servers that have a leader, of any round. */
  readonly #established = new Map<number, ToldVote>();
  /** Servers that got this proposal again because they had voted for a worse candidate. */
  readonly #corrected = new Set<number>();
  #intervalMs = 0;
  #resendMs = Number.POSITIVE_INFINITY;
  #finalMs = Number.POSITIVE_INFINITY;

  constructor(config: ActiveConfig, options: ElectionOptions, sink: ElectionSink) {
    this.#config = config;
    this.#options = options;
    this.#sink = sink;
  }

  /** Observers look for the leader too, but have no vote. */
  get #isObserver(): boolean {
    return this.#config.committed.members.get(this.#options.myId)?.role === 'observer';
  }

  get state(): PeerState {
    return this.#state;
  }

  /** The servers whose votes of this round are known. */
  get knownVoters(): Iterable<number> {
    return this.#received.keys();
  }

  /** After an election, votes carry the epoch of the leader, once it is known (4.2.22). */
  set currentEpoch(peerEpoch: number) {
    this.#current = { ...this.#current, peerEpoch };
  }

  /** Starts a round. `zxid` is the last logged one and `peerEpoch` the current epoch of this server. */
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
    // before the first outcome, the current vote is the candidacy
    if (this.#current.leader === noCandidate.leader) this.#current = { ...this.#initial, electionEpoch: this.#round };
    this.#intervalMs = this.#options.shortestIntervalMs;
    this.#finalMs = Number.POSITIVE_INFINITY;
    this.#broadcast();
    this.#count(nowMs);
    this.#resendMs = nowMs + this.#intervalMs;
  }

  /** The leader is lost, and the next election has not begun: no messages are sent. */
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

  /** Handles a message. The connection, not the message, identifies the sender. */
  receive(from: number, notification: Notification, nowMs: number): void {
    if (!this.#config.isVoter(from)) {
      // a server without a vote only asks for the leader
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
   * A server that votes for a worse candidate has not counted this server's vote: it still had a leader when the vote
   * came. If the other servers decide before the next broadcast, it finds no quorum. So this server repeats its vote
   * once.
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

  /** Another server's vote (4.2.12). */
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

  /** The final wait starts when a quorum votes for the proposal, and stops if the quorum is lost. */
  #count(nowMs: number): void {
    const mine: ToldVote = { ...this.#proposed, electionEpoch: this.#round, state: 'looking', version: 0 };
    if (!this.#hasQuorum(this.#received, mine)) this.#finalMs = Number.POSITIVE_INFINITY;
    else if (this.#isUnanimous(mine)) this.#finalMs = nowMs;
    else if (this.#finalMs === Number.POSITIVE_INFINITY) this.#finalMs = nowMs + finalizeWaitMs;
  }

  /** True if every connected voter votes for this candidate. No better candidate can appear then. */
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
   * True if a quorum and the leader itself confirm the vote. Otherwise a dead server could be elected again and again.
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
