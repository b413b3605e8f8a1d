import type { ServerConfig } from '../config/server-config.js';
import type { Logger } from '../log/logger.js';
import type { EnsembleConfig } from '../membership/index.js';
import type { DiskLock } from '../ports/disk.js';
import { Epochs } from '../zab/epochs.js';
import { Peer } from '../zab/peer.js';
import type { Replica } from '../zab/replica.js';
import { EnsembleReplica } from './ensemble-replica.js';
import { peerOptions } from './peer-options.js';
import type { Server } from './server.js';
import type { ServerPorts } from './server-ports.js';

export interface MemberListener {
  /** Called when the server cannot continue. */
  failed(reason: string, exitCode?: number): void;
  /** Wraps the replica before it is passed to ZAB, so that a test or another program can observe ZAB's calls to it. */
  observed?(replica: EnsembleReplica): Replica;
}

/**
 * A server of an ensemble. It accepts client connections from the start, and serves them as soon as there is a leader.
 */
export class MemberServer implements Server {
  readonly replica: EnsembleReplica;
  peer!: Peer;
  epochs!: Epochs;
  readonly #lock: DiskLock;
  readonly #config: ServerConfig;
  readonly #ensemble: EnsembleConfig;
  readonly #ports: ServerPorts;
  readonly #logger: Logger;
  readonly #listener: MemberListener;
  readonly #observed: Replica;

  constructor(
    config: ServerConfig,
    ensemble: EnsembleConfig,
    ports: ServerPorts,
    logger: Logger,
    lock: DiskLock,
    listener: MemberListener,
  ) {
    this.#lock = lock;
    this.#config = config;
    this.#ensemble = ensemble;
    this.#ports = ports;
    this.#logger = logger;
    this.#listener = listener;
    this.replica = new EnsembleReplica(config, ensemble, ports, logger, (reason, exitCode) =>
      listener.failed(reason, exitCode),
    );
    this.#observed = listener.observed?.(this.replica) ?? this.replica;
  }

  get clients() {
    return this.replica.parts.clients;
  }

  get view() {
    return this.replica.parts.view;
  }

  prepare(done: (error: Error | undefined) => void): void {
    const prepared = (error: Error | undefined) => {
      if (error === undefined) this.#join();
      done(error);
    };
    if (this.replica.lacksSnapshot) this.replica.parts.database.snapshots.take(prepared);
    else prepared(undefined);
  }

  #join(): void {
    const { disk, scheduler, peers } = this.#ports;
    this.epochs = new Epochs(disk, this.#config.dataDir, this.replica.lastZxid);
    this.peer = new Peer(
      peerOptions(this.#config, this.#ensemble, this.#config.myId!),
      this.#observed,
      this.epochs,
      { peers, scheduler },
      this.#logger,
      (reason, exitCode) => this.#listener.failed(reason, exitCode),
    );
  }

  start(): void {
    this.peer.start();
  }

  stop(stopped: () => void): void {
    this.peer?.stop();
    this.replica.stop(() => {
      this.#lock.release();
      stopped();
    });
  }
}
