import { Standstill } from '../events/standstill.js';
import type { Logger } from '../log/logger.js';
import { ActiveConfig, type EnsembleConfig } from '../membership/index.js';
import type { Accept, PeerAddress, PeerNetwork, Transport, TransportHandler } from '../ports/network.js';
import type { Scheduler } from '../ports/scheduler.js';
import { EarlyLearners } from './early-learners.js';
import { Election } from './election.js';
import { ElectionLinks } from './election-links.js';
import type { Epochs } from './epochs.js';
import { Leader } from './leader.js';
import { Leaderless } from './leaderless.js';
import { Learner } from './learner.js';
import { decodeNotification, encodeNotification } from './notification.js';
import { OwnPort } from './own-port.js';
import { PeerConfigs } from './peer-configs.js';
import { guarded } from './peer-input.js';
import { RecurringTrouble } from './recurring-trouble.js';
import type { Replica } from './replica.js';
import type { SyncOptions } from './sync-policy.js';
import type { TermContext } from './term-context.js';
import type { Candidacy, PeerState, Vote } from './vote.js';

export interface PeerOptions {
  readonly myId: number;
  readonly ensemble: EnsembleConfig;
  readonly tickTimeMs: number;
  readonly initLimit: number;
  readonly syncLimit: number;
  /** Limit for connecting to the leader, in ticks (`connectToLearnerMasterLimit`). */
  readonly connectLimit: number;
  /**
   * How long another server may take to send its server id on a new connection to the election port
   * (`quorumCnxnTimeoutMs`).
   */
  readonly helloLimitMs: number;
  /** See `TermContext.epochWaitMs`. */
  readonly epochWaitMs: number;
  readonly sync: SyncOptions;
  readonly shortestNotificationMs: number;
  readonly longestNotificationMs: number;
  /** If true, this server adopts newer configurations that other servers send. */
  readonly reconfigEnabled: boolean;
  /** If true, this server listens on every address of the machine, not only on the configured ones. */
  readonly listensOnAllAddresses: boolean;
  /** Number of attempts to bind the election port (`electionPortBindRetry`); 0: no limit. */
  readonly bindAttempts: number;
}

/** The exit code that ZooKeeper uses if it cannot listen on a port (spec 4.1.13). */
const portExitCode = 14;
/** Interval at which all deadlines of the peer are checked. */
const tickMs = 20;
const pauseMsMin = 20;
const pauseMsMax = 1000;
/**
 * An ignored message is logged, but for at most this many server ids. A program can claim any server id, so without
 * this limit it could fill the log.
 */
const ignoredServersMax = 100;

/**
 * A server as a member of its ensemble. The server looks for a leader, then leads or follows for one term, and looks
 * for a leader again when the term is over. Between two terms, all logged transactions are applied. Therefore the zxid
 * in the server's vote is the last zxid of its log.
 */
export class Peer {
  readonly #options: PeerOptions;
  readonly #replica: Replica;
  readonly #epochs: Epochs;
  readonly #network: PeerNetwork;
  readonly #scheduler: Scheduler;
  readonly #logger: Logger;
  readonly #links: ElectionLinks;
  /** The ensemble's configuration. The committed configuration in it is the newest one that this server knows. */
  readonly #config: ActiveConfig;
  readonly #election: Election;
  #leader: Leader | undefined;
  #learner: Learner | undefined;
  readonly #electionPort: OwnPort;
  /**
   * The port for learners. It is bound from the start, so that no other process can take it before this server becomes
   * the leader.
   */
  readonly #quorumPort: OwnPort;
  readonly #earlyLearners = new EarlyLearners();
  readonly #termEnds: RecurringTrouble;
  readonly #leaderless: Leaderless;
  #stopTicking: () => void = () => {};
  #isStopped = false;
  /**
   * An epoch that a member has accepted and that is later than the epoch in which this server last led; 0 if there is
   * none.
   */
  #epochElsewhere = 0;
  #standstill: Standstill;
  /** Number of consecutive terms that ended before a quorum followed the leader. */
  #failedTerms = 0;
  readonly #peerConfigs: PeerConfigs;
  readonly #ignoredServers = new Set<number>();
  /** After failed terms, the server does not look for a leader until this time. */
  #pausedUntilMs: number | undefined;

  constructor(
    options: PeerOptions,
    replica: Replica,
    epochs: Epochs,
    ports: { readonly peers: PeerNetwork; readonly scheduler: Scheduler },
    logger: Logger,
    private readonly failed: (reason: string, exitCode?: number) => void,
  ) {
    this.#options = options;
    this.#replica = replica;
    this.#epochs = epochs;
    this.#network = ports.peers;
    this.#scheduler = ports.scheduler;
    this.#logger = logger;
    this.#standstill = new Standstill(ports.scheduler.monotonicMs());
    const { myId, ensemble } = options;
    this.#config = new ActiveConfig(ensemble);
    this.#peerConfigs = new PeerConfigs(myId, this.#config, (config) => replica.configured(config), logger);
    this.#termEnds = new RecurringTrouble(logger);
    this.#leaderless = new Leaderless(logger);
    this.#electionPort = this.#ownPort('electionPort', options.bindAttempts, (transport) =>
      this.#links.accept(transport),
    );
    this.#quorumPort = this.#ownPort('quorumPort', 0, (transport) => this.#acceptLearner(transport));
    this.#links = new ElectionLinks(
      {
        myId,
        myAddresses: this.#addressesOf(myId, 'electionPort'),
        helloLimitMs: options.helloLimitMs,
        nowMs: () => ports.scheduler.monotonicMs(),
      },
      ports.peers,
      (serverId) => this.#addressesOf(serverId, 'electionPort'),
      (from, message) => this.#notified(from, message),
      logger,
    );
    this.#election = new Election(
      this.#config,
      {
        myId,
        shortestIntervalMs: options.shortestNotificationMs,
        longestIntervalMs: options.longestNotificationMs,
      },
      {
        send: (to, notification) => this.#links.send(to, encodeNotification(notification)),
        hasDelivered: () => this.#links.hasDelivered(),
        connectAll: () => this.#links.connectAll(),
        isConnected: (serverId) => this.#links.isConnected(serverId),
        elected: (vote, state) => this.#elected(vote, state),
        voteIgnored: (from, reason) => this.#logIgnored(from, reason),
        lookingSeen: (from, vote) => this.#lookingSeen(from, vote),
      },
    );
  }

  #lookingSeen(from: number, vote: Candidacy): void {
    const leader = this.#leader;
    const before = leader?.phase;
    leader?.lookingSeen(from, vote);
    if (leader?.phase === 'over' && before !== 'over') this.#replica.meter.deserted();
  }

  #addressesOf(serverId: number, port: 'quorumPort' | 'electionPort'): PeerAddress[] {
    const addresses = this.#config.member(serverId)?.addresses ?? [];
    return addresses.map((address) => ({ host: address.host, port: address[port] }));
  }

  get state(): PeerState {
    return this.#election.state;
  }

  get leader(): Leader | undefined {
    return this.#leader;
  }

  get learner(): Learner | undefined {
    return this.#learner;
  }

  start(): void {
    this.#electionPort.start();
    this.#quorumPort.start();
    this.#standstill = new Standstill(this.#scheduler.monotonicMs());
    this.#stopTicking = this.#scheduler.every(tickMs, () => this.#tick());
    this.#look();
  }

  #ownPort(kind: 'quorumPort' | 'electionPort', attemptsMax: number, accept: Accept): OwnPort {
    const { myId, listensOnAllAddresses } = this.#options;
    const addresses = this.#addressesOf(myId, kind);
    const options = { name: `${kind} of server.${myId}`, addresses, listensOnAllAddresses, attemptsMax };
    const gaveUp = (reason: string) => this.failed(reason, portExitCode);
    return new OwnPort(options, this.#network, accept, this.#logger, this.#scheduler.monotonicMs(), gaveUp);
  }

  /**
   * Passes a learner's connection to the leader if this server leads, and refuses it if this server is a learner
   * itself. During an election this server may be about to lead, so it holds the connection.
   */
  #acceptLearner(transport: Transport): TransportHandler | undefined {
    if (this.#leader !== undefined) return this.#leader.accept(transport);
    if (this.#learner !== undefined) return undefined;
    return this.#earlyLearners.take(transport, this.#scheduler.monotonicMs());
  }

  /** Stops this server. All connections are closed, so the other servers notice the stop at once. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#election.leaderLost();
    this.#leader?.end();
    this.#learner?.end();
    this.#stopTicking();
    this.#electionPort.close();
    this.#quorumPort.close();
    this.#earlyLearners.clear();
    this.#links.close();
  }

  #tick(): void {
    const nowMs = this.#scheduler.monotonicMs();
    if (this.#standstill.passesOver(nowMs)) return;
    this.#links.tick(nowMs);
    this.#electionPort.tick(nowMs);
    this.#quorumPort.tick(nowMs);
    this.#earlyLearners.tick(nowMs);
    if (this.#pausedUntilMs !== undefined && nowMs >= this.#pausedUntilMs) this.#look();
    this.#election.tick(nowMs);
    this.#leaderless.tick(nowMs, this.#config.committed.voters, this.#election.knownVoters);
    this.#leader?.tick(nowMs);
    this.#learner?.tick(nowMs);
  }

  // ---- election

  /**
   * Looks for a leader again, after a pause that grows with each failed term. Without the pause, a server that its
   * leader refuses would find the same leader at once, again and again.
   */
  #lookAgain(): void {
    const pauseMs = this.#failedTerms === 0 ? 0 : Math.min(pauseMsMax, pauseMsMin * 2 ** this.#failedTerms);
    this.#failedTerms++;
    if (pauseMs === 0) this.#look();
    else this.#pausedUntilMs = this.#scheduler.monotonicMs() + pauseMs;
  }

  #look(): void {
    this.#pausedUntilMs = undefined;
    this.#logTerm('LOOKING: voting for a leader');
    this.#leaderless.begins(this.#scheduler.monotonicMs());
    this.#replica.meter.looking();
    this.#election.look(this.#replica.lastZxid, this.#epochs.current, this.#scheduler.monotonicMs());
  }

  #notified(from: number, message: Buffer): void {
    const notification = decodeNotification(message);
    if (notification === undefined) {
      this.#logIgnored(from, `a malformed message of ${message.length} bytes`);
      return;
    }
    // another server looks for a leader: end the pause, because the other servers may not be a quorum without this one
    if (this.#pausedUntilMs !== undefined && notification.state === 'looking') this.#look();
    if (this.#election.state === 'looking' && this.#config.isMember(from))
      this.#configReceived(from, notification.config);
    const nowMs = this.#scheduler.monotonicMs();
    this.#election.receive(from, notification, nowMs);
    // the message may have decided the election, which then ends at once
    this.#election.tick(nowMs);
  }

  /**
   * Logs that this server ignores messages of server `from`. Logs only once for each server, because servers repeat
   * their messages.
   */
  #logIgnored(from: number, reason: string): void {
    if (this.#ignoredServers.has(from) || this.#ignoredServers.size >= ignoredServersMax) return;
    this.#ignoredServers.add(from);
    this.#logger.warn(`Ignoring messages from server ${from} on the election port: ${reason}`);
  }

  /**
   * Considers the configuration that another server has sent. As in ZooKeeper, this server adopts it only if
   * `reconfigEnabled` is true.
   */
  #configReceived(from: number, text: string): void {
    if (!this.#options.reconfigEnabled) return;
    guarded(
      () => {
        if (this.#peerConfigs.receivedFromMember(from, text)) this.#look();
      },
      (reason) => this.#logIgnored(from, reason),
    );
  }

  /**
   * Logs the start of an election or of a term. After two failed terms in a row, the line is logged at debug level,
   * because `#termEnds` already reports repeated failures.
   */
  #logTerm(line: string): void {
    if (this.#failedTerms < 2) this.#logger.info(line);
    else this.#logger.debug(line);
  }

  /**
   * Begins the term in the next turn of the event loop, because the election has called this method and is not finished
   * yet.
   */
  #elected(vote: Vote, state: Exclude<PeerState, 'looking'>): void {
    this.#scheduler.nextTurn(() => this.#beginTerm(vote, state));
  }

  // ---- terms

  #beginTerm(vote: Vote, state: Exclude<PeerState, 'looking'>): void {
    if (this.#isStopped) return;
    this.#logTerm(state === 'leading' ? 'LEADING' : `${state.toUpperCase()} server ${vote.leader}`);
    if (state === 'leading' && this.#quorumPort.trouble !== undefined) {
      this.#endTerm(`no server can follow this one: ${this.#quorumPort.trouble}`);
      return;
    }
    const context = this.#context(vote);
    if (state !== 'observing') this.#replica.meter.elected();
    if (state === 'leading') {
      const leader = new Leader(context);
      this.#leader = leader;
      leader.start();
      this.#earlyLearners.handOver(leader.accept);
    } else {
      this.#earlyLearners.clear();
      const addresses = this.#addressesOf(vote.leader, 'quorumPort');
      this.#learner = new Learner(context, vote.leader, addresses, state === 'observing', this.#network);
      this.#learner.start();
    }
  }

  #context(vote: Vote): TermContext {
    const { myId, tickTimeMs, initLimit, syncLimit, connectLimit, epochWaitMs, sync } = this.#options;
    return {
      myId,
      tickTimeMs,
      initLimit,
      syncLimit,
      connectLimit,
      epochWaitMs,
      sync,
      config: this.#config,
      replica: this.#replica,
      epochs: this.#epochs,
      epochElsewhere: this.#epochElsewhere,
      votedEpoch: vote.peerEpoch,
      logger: this.#logger,
      nowMs: () => this.#scheduler.monotonicMs(),
      nextTurn: (work) => this.#scheduler.nextTurn(work),
      established: (epoch) => {
        this.#failedTerms = 0;
        this.#termEnds.over(this.#scheduler.monotonicMs());
        this.#leaderless.over();
        this.#election.currentEpoch = epoch;
      },
      epochFoundElsewhere: (epoch) => {
        this.#epochElsewhere = epoch;
      },
      configured: (text) => !this.#options.reconfigEnabled || this.#peerConfigs.receivedFromLeader(text),
      lost: (reason) => this.#endTerm(reason),
    };
  }

  #endTerm(reason: string): void {
    this.#termEnds.happened(`The term is over: ${reason}`, this.#scheduler.monotonicMs());
    this.#leader = undefined;
    this.#learner = undefined;
    this.#election.leaderLost();
    this.#replica.endTerm(() => {
      if (!this.#isStopped) this.#lookAgain();
    });
  }
}
