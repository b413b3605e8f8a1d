import type { ActiveConfig } from '../membership/index.js';
import { type Notification, noVote, type OutgoingNotification } from './notification.js';
import { beats, type Candidacy, type PeerState, supports, type ToldVote, type Vote } from './vote.js';

/** What an election asks of its server. None of it calls back before it returns. */
export interface ElectionSink {
  /** The latest message to a server replaces one that is not sent yet. */
  send(to: number, notification: OutgoingNotification): void;
  /** Whether the last messages have left for at least one server. */
  hasDelivered(): boolean;
  connectAll(): void;
  /** Whether there is a connection with this server now. */
  isConnected(serverId: number): boolean;
  /** The end: `leading` if the vote is for this server. */
  elected(vote: Vote, state: Exclude<PeerState, 'looking'>): void;
  /** A vote is not counted, for what it says cannot be. */
  voteIgnored(from: number, reason: string): void;
  /** Somebody is looking for a leader, with this vote, while this server has one. */
  lookingSeen(from: number, vote: Candidacy): void;
}

interface ElectionOptions {
  readonly myId: number;
  /** `fastleader.minNotificationInterval` and `.maxNotificationInterval`. */
  readonly shortestIntervalMs: number;
  readonly longestIntervalMs: number;
}

/** How long a quorum that agrees waits for a better candidate (`finalizeWait`), unless no server is left to name one. */
const finalizeWaitMs = 200;
/** What a server without a vote proposes. */
const nobody: Candidacy = { leader: noVote, zxid: noVote, peerEpoch: noVote };
/**
 * Each process counts rounds from 0, and the others continue from the largest round that a server names. Up to here any
 * round is believed: as many more can be counted exactly. Beyond, a round must be no farther ahead of ours than elections
 * that this server did not see may account for. So a few messages cannot exhaust the exact numbers. A server that believed
 * such a round, as Java's servers do, can still take part in an election with this one.
 */
const roundBelieved = 2 ** 52;
const roundsUnseen = 2 ** 20;
/** The zxid of a server whose database is unexpectedly empty: it must not vote (4.2.13). */
const noDatabase = -1;

/**
 * Fast leader election (inventory 4.2). Each server votes for the best candidate that it has heard of, and sends the vote
 * to all voters when it changes. The election is over when a quorum has the same vote and no better candidate appears for a
 * while, or when a quorum names a leader that leads already. Outside of an election it answers servers that look for one.
 */
export class Election {
  readonly #options: ElectionOptions;
  readonly #sink: ElectionSink;
  readonly #config: ActiveConfig;
  #state: PeerState = 'looking';
  #isRunning = false;
  /** The round of voting (`logicalclock`): only votes of one round are counted together. */
  #round = 0;
  #initial: Candidacy = nobody;
  #proposed: Candidacy = nobody;
  /** The last election's outcome. */
  #current: Vote = { ...nobody, electionEpoch: 0 };
  /** Votes of this round. */
  readonly #received = new Map<number, ToldVote>();
  /** What servers tell that have a leader, of whatever round. */
  readonly #established = new Map<number, ToldVote>();
  /** Who was told this proposal after having voted for less. */
  readonly #corrected = new Set<number>();
  #intervalMs = 0;
  #resendMs = Number.POSITIVE_INFINITY;
  #finalMs = Number.POSITIVE_INFINITY;

  constructor(config: ActiveConfig, options: ElectionOptions, sink: ElectionSink) {
    this.#config = config;
    this.#options = options;
    this.#sink = sink;
  }

  /** Observers look for the leader like the others, and have no vote. */
  get #isObserver(): boolean {
    return this.#config.committed.members.get(this.#options.myId)?.role === 'observer';
  }

  get state(): PeerState {
    return this.#state;
  }

  /** Whose votes of this round are known. */
  get heardOf(): Iterable<number> {
    return this.#received.keys();
  }

  /** Votes carry the epoch of the leader that was found, once that is known (4.2.22). */
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
      ? nobody
      : { leader: this.#config.isVoter(myId) ? myId : nobody.leader, zxid, peerEpoch };
    this.#proposed = this.#initial;
    // until there is an outcome, the candidacy is all there is to tell
    if (this.#current.leader === nobody.leader) this.#current = { ...this.#initial, electionEpoch: this.#round };
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

  /** A message from a server; the link says from which. */
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
   * A server that votes for a worse candidate has not counted this server's vote: it still had a leader when the vote came.
   * Before the vote is repeated the other servers may have decided, and then it finds no quorum. One repetition is enough.
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
      this.#sink.voteIgnored(from, `round ${vote.electionEpoch} of voting is too far ahead of ours, ${this.#round}`);
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

  /** The last wait begins when a quorum votes for the proposal, and lasts as long as the quorum does. */
  #count(nowMs: number): void {
    const mine: ToldVote = { ...this.#proposed, electionEpoch: this.#round, state: 'looking', version: 0 };
    if (!this.#hasQuorum(this.#received, mine)) this.#finalMs = Number.POSITIVE_INFINITY;
    else if (this.#isUnanimous(mine)) this.#finalMs = nowMs;
    else if (this.#finalMs === Number.POSITIVE_INFINITY) this.#finalMs = nowMs + finalizeWaitMs;
  }

  /** All servers that could name a better candidate have voted for this one: there is nothing to wait for. */
  #isUnanimous(mine: ToldVote): boolean {
    for (const voter of this.#config.quorums.voters) {
      const told = this.#received.get(voter);
      const agrees = told !== undefined && supports(told, mine);
      if (!agrees && voter !== this.#options.myId && this.#sink.isConnected(voter)) return false;
    }
    return true;
  }

  /** What a server with a leader tells of it (4.2.15). */
  #considerLeader(from: number, told: Notification): void {
    if (told.electionEpoch === this.#round) {
      this.#received.set(from, { ...told, version: 0 });
      if (this.#isEstablished(this.#received, told)) {
        this.#finish(told);
        return;
      }
    }
    this.#established.set(from, told);
    if (this.#isEstablished(this.#established, told)) {
      this.#round = told.electionEpoch;
      this.#finish(told);
    }
  }

  /** A quorum says so, and the leader itself: else a dead one could be elected again and again. */
  #isEstablished(votes: ReadonlyMap<number, ToldVote>, told: ToldVote): boolean {
    if (!this.#hasQuorum(votes, told)) return false;
    if (told.leader === this.#options.myId) return told.electionEpoch === this.#round;
    return votes.get(told.leader)?.state === 'leading';
  }

  #hasQuorum(votes: ReadonlyMap<number, ToldVote>, vote: ToldVote): boolean {
    const supporters = new Set<number>();
    for (const [serverId, told] of votes) {
      if (supports(told, vote)) supporters.add(serverId);
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
