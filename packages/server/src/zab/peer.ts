import type { Logger } from '../log/logger.js';
import type { Accept, PeerAddress, PeerNetwork } from '../ports/network.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { EnsembleConfig } from '../quorum/index.js';
import { Election } from './election.js';
import { ElectionLinks } from './election-links.js';
import type { Epochs } from './epochs.js';
import { Leader, type TermContext } from './leader.js';
import { Learner } from './learner.js';
import { decodeNotification, encodeNotification } from './notification.js';
import type { PeerState } from './peer-state.js';
import type { Replica } from './replica.js';
import type { Vote } from './vote.js';

export interface PeerOptions {
  readonly myId: number;
  readonly ensemble: EnsembleConfig;
  readonly tickTimeMs: number;
  readonly initLimit: number;
  readonly syncLimit: number;
  readonly shortestNotificationMs: number;
  readonly longestNotificationMs: number;
  /** Listen on every address, not only on the configured one. */
  readonly listensOnAllAddresses: boolean;
}

/** Apache's for a port that cannot be had (inventory 4.1.13). */
const portExitCode = 14;
/** How often deadlines are looked at. */
const tickMs = 20;
/** A tick later than this means that the process stood still. */
const stallMs = 250;

/**
 * A server's life in its ensemble: it looks for a leader, leads or learns for a term, and looks again when that is over.
 * Between two terms everything that is logged is applied, so that what it votes with is what it has.
 */
export class Peer {
  readonly #options: PeerOptions;
  readonly #replica: Replica;
  readonly #epochs: Epochs;
  readonly #network: PeerNetwork;
  readonly #scheduler: Scheduler;
  readonly #logger: Logger;
  readonly #links: ElectionLinks;
  readonly #election: Election;
  #leader: Leader | undefined;
  #learner: Learner | undefined;
  #stops: (() => void)[] = [];
  /** Learners are taken only by a leader: whoever calls too early is refused, and calls again. */
  #stopLeading: () => void = () => {};
  #isStopped = false;
  #tickedMs = 0;

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
    const { myId, ensemble } = options;
    this.#links = new ElectionLinks(
      {
        myId,
        myAddresses: this.#addressesOf(myId, 'electionPort'),
        helloLimitMs: options.tickTimeMs * options.syncLimit,
      },
      ports.peers,
      (serverId) => this.#addressesOf(serverId, 'electionPort'),
      (from, message) => this.#notified(from, message),
      logger,
    );
    this.#election = new Election(
      ensemble,
      {
        myId,
        isObserver: this.#isObserver,
        shortestIntervalMs: options.shortestNotificationMs,
        longestIntervalMs: options.longestNotificationMs,
      },
      {
        send: (to, notification) => this.#links.send(to, encodeNotification(notification)),
        hasDelivered: () => this.#links.hasDelivered(),
        connectAll: () => this.#links.connectAll(),
        isConnected: (serverId) => this.#links.isConnected(serverId),
        elected: (vote, state) => this.#elected(vote, state),
        lookingSeen: () => {},
      },
    );
  }

  get #isObserver(): boolean {
    const { ensemble, myId } = this.#options;
    return ensemble.members.get(myId)?.role === 'observer';
  }

  #addressesOf(serverId: number, port: 'quorumPort' | 'electionPort'): PeerAddress[] {
    const addresses = this.#options.ensemble.members.get(serverId)?.addresses ?? [];
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
    this.#stops.push(this.#listen('electionPort', this.#links.accept));
    this.#tickedMs = this.#scheduler.monotonicMs();
    this.#stops.push(this.#scheduler.every(tickMs, () => this.#tick()));
    this.#look();
  }

  #listen(kind: 'quorumPort' | 'electionPort', accept: Accept): () => void {
    const { myId } = this.#options;
    const stops = this.#addressesOf(myId, kind).map(({ host, port }) => {
      const address = { host: this.#options.listensOnAllAddresses ? undefined : host, port };
      const failed = (reason: string) => {
        this.failed(`cannot listen on ${host}:${port}, the ${kind} of server.${myId}: ${reason}`, portExitCode);
      };
      return this.#network.listen(address, accept, failed);
    });
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** Leaves the ensemble; the others notice at once, since the connections are closed. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#election.leaderLost();
    this.#leader?.end();
    this.#learner?.end();
    this.#stopLeading();
    for (const stop of this.#stops) stop();
    this.#links.close();
  }

  #tick(): void {
    const nowMs = this.#scheduler.monotonicMs();
    const stoodStill = nowMs - this.#tickedMs > stallMs;
    this.#tickedMs = nowMs;
    // what the others said meanwhile has not been read yet, so nobody has been silent
    if (stoodStill) return;
    this.#links.tick(nowMs);
    this.#election.tick(nowMs);
    this.#leader?.tick(nowMs);
    this.#learner?.tick(nowMs);
  }

  // ---- election

  #look(): void {
    this.#logger.info('LOOKING: voting for a leader');
    this.#replica.meter.looking();
    this.#election.look(this.#replica.lastZxid, this.#epochs.current, this.#scheduler.monotonicMs());
  }

  #notified(from: number, message: Buffer): void {
    const notification = decodeNotification(message);
    if (notification === undefined) {
      this.#logger.warn(`A message of server ${from} on the election port makes no sense: ${message.length} bytes`);
      return;
    }
    const nowMs = this.#scheduler.monotonicMs();
    this.#election.receive(from, notification, nowMs);
    // an election that is decided by this message is over with it
    this.#election.tick(nowMs);
  }

  /** Not in the middle of the election's own work. */
  #elected(vote: Vote, state: Exclude<PeerState, 'looking'>): void {
    this.#scheduler.nextTurn(() => this.#beginTerm(vote, state));
  }

  // ---- terms

  #beginTerm(vote: Vote, state: Exclude<PeerState, 'looking'>): void {
    if (this.#isStopped) return;
    this.#logger.info(state === 'leading' ? 'LEADING' : `${state.toUpperCase()} server ${vote.leader}`);
    const context = this.#context();
    if (state !== 'observing') this.#replica.meter.elected();
    if (state === 'leading') {
      const leader = new Leader(context);
      this.#leader = leader;
      this.#stopLeading = this.#listen('quorumPort', leader.accept);
      leader.start();
    } else {
      const addresses = this.#addressesOf(vote.leader, 'quorumPort');
      this.#learner = new Learner(context, vote.leader, addresses, state === 'observing', this.#network);
      this.#learner.start();
    }
  }

  #context(): TermContext {
    const { myId, ensemble, tickTimeMs, initLimit, syncLimit } = this.#options;
    const { verifier, text, version } = ensemble;
    return {
      myId,
      tickTimeMs,
      initLimit,
      syncLimit,
      isVoter: (serverId) => verifier.voters.has(serverId),
      isQuorum: (serverIds) => verifier.containsQuorum(serverIds),
      configText: text,
      configVersion: version,
      replica: this.#replica,
      epochs: this.#epochs,
      logger: this.#logger,
      nowMs: () => this.#scheduler.monotonicMs(),
      nextTurn: (work) => this.#scheduler.nextTurn(work),
      established: (epoch) => {
        this.#election.currentEpoch = epoch;
      },
      lost: (reason) => this.#endTerm(reason),
    };
  }

  #endTerm(reason: string): void {
    this.#logger.warn(`The term is over: ${reason}`);
    this.#leader = undefined;
    this.#learner = undefined;
    this.#stopLeading();
    this.#stopLeading = () => {};
    this.#election.leaderLost();
    this.#replica.endTerm(() => {
      if (!this.#isStopped) this.#look();
    });
  }
}
