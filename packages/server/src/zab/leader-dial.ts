import type { PeerAddress, PeerNetwork, Transport, TransportHandler } from '../ports/network.js';

/**
 * The number of attempts for each address. A leader starts to listen soon after its election. If all attempts fail, the
 * leader has probably died.
 */
const attemptsMax = 20;
const retryMs = 20;

interface DialOutcome {
  connected(transport: Transport): TransportHandler;
  /** Called when the last attempt has failed. */
  failed(reason: string): void;
}

/** Connects a learner to its leader. The attempts use each of the leader's addresses in turn. */
export class LeaderDial {
  readonly #leaderId: number;
  readonly #addresses: readonly PeerAddress[];
  readonly #network: PeerNetwork;
  readonly #nowMs: () => number;
  readonly #outcome: DialOutcome;
  #attempts = 0;
  #retryMs = Number.POSITIVE_INFINITY;
  #isOver = false;
  #cancelDial: (() => void) | undefined;

  constructor(
    leaderId: number,
    addresses: readonly PeerAddress[],
    network: PeerNetwork,
    nowMs: () => number,
    outcome: DialOutcome,
  ) {
    this.#leaderId = leaderId;
    this.#addresses = addresses;
    this.#network = network;
    this.#nowMs = nowMs;
    this.#outcome = outcome;
  }

  start(): void {
    const address = this.#addresses[this.#attempts % this.#addresses.length];
    if (address === undefined) {
      this.#outcome.failed(`server ${this.#leaderId} has no address in the configuration`);
      return;
    }
    this.#attempts++;
    this.#cancelDial = this.#network.dial(
      address,
      (transport) => {
        this.#cancelDial = undefined;
        return this.#outcome.connected(transport);
      },
      (reason) => this.#failed(address, reason),
    );
  }

  #failed({ host, port }: PeerAddress, reason: string): void {
    if (this.#isOver) return;
    if (this.#attempts < attemptsMax * this.#addresses.length) this.#retryMs = this.#nowMs() + retryMs;
    else this.#outcome.failed(`the leader, server ${this.#leaderId}, cannot be reached at ${host}:${port}: ${reason}`);
  }

  tick(nowMs: number): void {
    if (this.#isOver || nowMs < this.#retryMs) return;
    this.#retryMs = Number.POSITIVE_INFINITY;
    this.start();
  }

  end(): void {
    this.#isOver = true;
    this.#cancelDial?.();
  }
}
