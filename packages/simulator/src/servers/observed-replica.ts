import type { EnsembleConfig, EnsembleReplica, LeaderGate, LeaderLink, Replica } from '@nodekeeper/server/testing';
import type { Ledger } from '../checks/ledger.js';
import type { World } from '../world/world.js';
import type { Moment } from './moments.js';

/** The object to which an `ObservedReplica` reports what its replica does. */
export interface Observer {
  readonly name: string;
  readonly world: World;
  readonly ledger: Ledger;
  moment(name: Moment): void;
  /** Called when the server claims that everything up to this zxid is durable. */
  claimsDurable(zxid: number, what: string): void;
  nameOfLeader(): string;
}

/** Wraps the replica of the shipped server, and reports all actions of the replica to the ledger. */
export class ObservedReplica implements Replica {
  readonly #inner: EnsembleReplica;
  readonly #observer: Observer;
  #epoch = 0;
  #isServing = false;
  #uncommitted: number[] = [];
  /**
   * The last zxid that the server had logged or received when NEWLEADER arrived. It must be durable before the server
   * acknowledges NEWLEADER. Undefined until NEWLEADER arrives in a term.
   */
  #persistedTo: number | undefined;

  constructor(inner: EnsembleReplica, observer: Observer) {
    this.#inner = inner;
    this.#observer = observer;
    observer.ledger.loaded(observer.name, this.lastZxid);
  }

  // ---- plain delegation

  get lastZxid() {
    return this.#inner.lastZxid;
  }
  get history(): Replica['history'] {
    return this.#inner.history;
  }
  get meter(): Replica['meter'] {
    return this.#inner.meter;
  }
  get zxidToTell() {
    return this.#inner.zxidToTell;
  }
  event(work: () => void): void {
    this.#inner.event(work);
  }
  request(...args: Parameters<Replica['request']>): void {
    this.#inner.request(...args);
  }
  touch(...args: Parameters<Replica['touch']>): void {
    this.#inner.touch(...args);
  }
  revalidate(...args: Parameters<Replica['revalidate']>): void {
    this.#inner.revalidate(...args);
  }
  loggedFrom(zxid: number) {
    return this.#inner.loggedFrom(zxid);
  }
  receiveSnapshot() {
    return this.#inner.receiveSnapshot();
  }
  revalidated(sessionId: bigint, isValid: boolean): void {
    this.#inner.revalidated(sessionId, isValid);
  }
  synced(): void {
    this.#inner.synced();
  }
  takeTouches(): ReturnType<Replica['takeTouches']> {
    return this.#inner.takeTouches();
  }

  get #name(): string {
    return this.#observer.name;
  }

  /** The zxid up to which the history must be durable when the server writes currentEpoch. */
  get mustBeDurableZxid(): number {
    return this.#persistedTo ?? this.#observer.ledger.historyOf(this.#name).at(-1) ?? 0;
  }

  get #digest(): bigint {
    return this.#inner.database.tree.digest.toBigInt();
  }

  // ---- as leader

  lead(epoch: number, gate: LeaderGate): void {
    const { ledger } = this.#observer;
    ledger.established(this.#name, epoch);
    ledger.demandDigest(this.#name, this.lastZxid, this.#digest);
    this.#epoch = epoch;
    this.#isServing = true;
    this.#uncommitted = [];
    this.#inner.lead(epoch, this.#observedGate(gate));
    this.#observer.moment('leading');
  }

  #observedGate(gate: LeaderGate): LeaderGate {
    return {
      report: () => gate.report(),
      proposed: (zxid, bytes) => {
        this.#observer.ledger.proposed(this.#name, this.#epoch, zxid, bytes);
        this.#uncommitted.push(zxid);
        gate.proposed(zxid, bytes);
        this.#observer.moment('proposed');
      },
      logged: (zxid) => {
        this.#observer.claimsDurable(zxid, 'the leader counts itself');
        gate.logged(zxid);
        this.#observer.moment('logged');
      },
      sync: (done) => gate.sync(done),
    };
  }

  commitThrough(zxid: number): void {
    const count = this.#uncommitted.findLastIndex((each) => each <= zxid) + 1;
    for (const each of this.#uncommitted.splice(0, count)) this.#observer.ledger.commits(this.#name, each);
    this.#inner.commitThrough(zxid);
    // the leader also calls this function to answer a sync; the call then often commits nothing
    if (count === 0) return;
    this.#observer.ledger.applied(this.#name, this.lastZxid, this.#digest);
    this.#demandContiguity();
    this.#observer.moment('committed');
  }

  // ---- as learner

  learn(link: LeaderLink): void {
    this.#isServing = false;
    this.#persistedTo = undefined;
    this.#inner.learn({
      leaderId: link.leaderId,
      forward: (request, ids) => link.forward(request, ids),
      revalidate: (touch) => link.revalidate(touch),
      diverged: (zxid) => link.diverged(zxid),
      logged: (zxid) => {
        link.logged(zxid);
        this.#observer.moment('logged');
      },
    });
    this.#observer.moment('synchronising');
  }

  truncate(zxid: number): boolean {
    const isDone = this.#inner.truncate(zxid);
    if (isDone) this.#observer.ledger.loaded(this.#name, this.lastZxid);
    this.#observer.moment('truncated');
    return isDone;
  }

  finishSnapshot(zxid: number): void {
    this.#observer.ledger.received(this.#name, this.#observer.nameOfLeader(), zxid);
    this.#inner.finishSnapshot(zxid);
    this.#observer.moment('received snapshot');
  }

  configured(config: EnsembleConfig): void {
    this.#inner.configured(config);
    const { world } = this.#observer;
    world.demand(
      false,
      'NoInventedConfiguration',
      () => `${this.#name} adopts ${config.text}, but no server has made it`,
    );
  }

  append(zxid: number, bytes: Buffer): void {
    // if the replica refuses the transaction, this throws, and the ledger does not record the transaction
    this.#inner.append(zxid, bytes);
    this.#observer.ledger.appended(this.#name, zxid, bytes);
  }

  commit(zxid: number): void {
    this.#inner.commit(zxid);
    if (!this.#isServing) return;
    this.#observer.ledger.applied(this.#name, this.lastZxid, this.#digest);
    this.#demandContiguity();
    this.#observer.moment('committed');
  }

  makeDurable(done: () => void): void {
    const lastZxid = this.#observer.ledger.historyOf(this.#name).at(-1) ?? 0;
    this.#persistedTo = lastZxid;
    this.#inner.makeDurable(() => {
      this.#observer.ledger.persisted(this.#name);
      this.#observer.claimsDurable(lastZxid, 'it is ready to acknowledge NEWLEADER');
      done();
      this.#observer.moment('persisted');
    });
    this.#observer.moment('persisting');
  }

  serve(mode: 'follower' | 'observer'): void {
    this.#isServing = true;
    this.#observer.ledger.serves(this.#name, this.lastZxid, this.#digest);
    this.#inner.serve(mode);
    this.#observer.moment('serving');
  }

  /**
   * Called at the end of a term. The server then applies its whole log, so its tree may contain
   * transactions that are not committed.
   */
  endTerm(done: () => void): void {
    this.#isServing = false;
    this.#persistedTo = undefined;
    this.#inner.endTerm(() => {
      this.#observer.ledger.loaded(this.#name, this.lastZxid);
      done();
    });
    this.#observer.moment('term over');
  }

  snapshot(): ReturnType<Replica['snapshot']> {
    const snapshot = this.#inner.snapshot();
    this.#observer.moment('snapshot sent');
    return snapshot;
  }

  #demandContiguity(): void {
    const { history } = this;
    const { committed } = this.#observer.ledger;
    if (history.length === 0) return;
    const end = committed.lastIndexOf(history.maxZxid!);
    const first = committed[end - history.length + 1];
    this.#observer.world.demand(end >= 0 && first === history.minZxid, 'CommittedLogContiguity', () => {
      const span = `0x${history.minZxid!.toString(16)} to 0x${history.maxZxid!.toString(16)}`;
      return `${this.#name} keeps ${history.length} transactions for learners, ${span}, but some are missing`;
    });
  }
}
