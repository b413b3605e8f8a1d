import { putInt } from '@nodekeeper/protocol';
import type { Logger } from '../log/logger.js';
import type { PeerAddress, PeerNetwork, Transport, TransportHandler } from '../ports/network.js';
import { decodeHello, type ElectionHello, encodeHello, isAnonymous } from './election-hello.js';
import { ElectionPeer, messageBytesMax, type ReceiveMessage } from './election-peer.js';
import { guarded } from './peer-input.js';
import { RecurringTrouble } from './recurring-trouble.js';

interface ElectionLinksOptions {
  readonly myId: number;
  /** Of this server's election port, told to those that are called. */
  readonly myAddresses: readonly PeerAddress[];
  /** How long a caller may take to send its id. */
  readonly helloLimitMs: number;
  readonly nowMs: () => number;
}

/** Anybody can call himself what he likes; and what he tells of the configuration is not looked at. */
const unconfiguredMax = 100;
const strangersMessageBytesMax = 64 * 1024;

/**
 * The connections of the election port (inventory 4.1): at most one with each server, and of two that call each other the
 * one that the larger id made. Only the latest message to a server matters, so no more than one waits; it is said again
 * on a new connection, for it may have been lost with the old one.
 */
export class ElectionLinks {
  readonly #options: ElectionLinksOptions;
  readonly #network: PeerNetwork;
  readonly #addressesOf: (serverId: number) => readonly PeerAddress[];
  readonly #receive: ReceiveMessage;
  readonly #logger: Logger;
  readonly #peers = new Map<number, ElectionPeer>();
  /** Callers that have not sent their id yet, and their deadlines; undefined before the first tick. */
  readonly #strangers = new Map<Transport, number | undefined>();
  /** Ids that are in no configuration and were complained of. */
  readonly #unknown = new Set<number>();
  #nextAnonymousId = -1;
  #isClosed = false;

  constructor(
    options: ElectionLinksOptions,
    network: PeerNetwork,
    addressesOf: (serverId: number) => readonly PeerAddress[],
    receive: ReceiveMessage,
    logger: Logger,
  ) {
    this.#options = options;
    this.#network = network;
    this.#addressesOf = addressesOf;
    this.#receive = receive;
    this.#logger = logger;
  }

  /** Sends a message, in the place of one that has not left yet; connects where there is no connection. */
  send(to: number, message: Buffer): void {
    const peer = this.#peer(to);
    peer.say(framed(message));
    if (!peer.isConnected) this.#connect(peer);
  }

  /** Whether no message waits for at least one server: then silence does not mean that no server was reached. */
  hasDelivered(): boolean {
    return [...this.#peers.values()].some((peer) => !peer.isWaiting && this.#isConfigured(peer.id));
  }

  #isConfigured(serverId: number): boolean {
    return this.#addressesOf(serverId).length > 0;
  }

  isConnected(serverId: number): boolean {
    return this.#peers.get(serverId)?.isConnected ?? false;
  }

  connectAll(): void {
    for (const peer of this.#peers.values()) {
      if (!peer.isConnected) this.#connect(peer);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const peer of this.#peers.values()) peer.disconnect();
    for (const transport of this.#strangers.keys()) transport.destroy();
    this.#strangers.clear();
  }

  tick(nowMs: number): void {
    const { helloLimitMs } = this.#options;
    for (const [transport, untilMs] of this.#strangers) {
      if (untilMs === undefined) this.#strangers.set(transport, nowMs + helloLimitMs);
      else if (nowMs > untilMs) this.#refuse(transport, `it has not said who it is in ${helloLimitMs} ms`);
    }
    for (const [id, peer] of this.#peers) {
      if (!peer.isConnected && !peer.isDialing && !this.#isConfigured(id)) this.#peers.delete(id);
    }
  }

  /** An incoming connection: the caller has to send its id first. */
  readonly accept = (transport: Transport): TransportHandler | undefined => {
    if (this.#isClosed) return undefined;
    this.#strangers.set(transport, undefined);
    let known: TransportHandler | undefined;
    let received: Buffer = Buffer.alloc(0);
    return {
      receive: (chunk) => {
        if (known !== undefined) {
          known.receive(chunk);
          return;
        }
        received = Buffer.concat([received, chunk]);
        known = this.#greeted(transport, received);
      },
      drained: () => known?.drained(),
      ended: () => transport.destroy(),
      closed: (reason) => {
        this.#strangers.delete(transport);
        known?.closed(reason);
      },
    };
  };

  #greeted(transport: Transport, received: Buffer): TransportHandler | undefined {
    let handler: TransportHandler | undefined;
    guarded(
      () => {
        const decoded = decodeHello(received);
        if (decoded === undefined) return;
        this.#strangers.delete(transport);
        handler = this.#meet(transport, decoded.hello, received.subarray(decoded.bytes));
      },
      (reason) => this.#refuse(transport, reason),
    );
    return handler;
  }

  /** Of two servers the larger id calls: it keeps this connection, or hangs up and calls back (4.1.8). */
  #meet(transport: Transport, { serverId, addresses }: ElectionHello, rest: Buffer): TransportHandler | undefined {
    const { myId } = this.#options;
    const id = isAnonymous(serverId) ? this.#nextAnonymousId-- : serverId;
    if (id === myId) {
      this.#refuse(transport, `it has this server's id, ${myId}: every server needs a myid of its own`);
      return undefined;
    }
    if (!this.#isConfigured(id) && !this.#admitUnknown(transport, id, addresses)) return undefined;
    const peer = this.#peer(id);
    if (id >= 0 && id < myId) {
      transport.destroy();
      peer.disconnect();
      this.#connect(peer, addresses);
      return undefined;
    }
    peer.trouble.over(this.#options.nowMs());
    const handler = peer.take(transport, this.#isConfigured(id) ? messageBytesMax : strangersMessageBytesMax);
    if (rest.length > 0) handler.receive(rest);
    return handler;
  }

  /**
   * A server that is in no configuration may be about to join one, so it is told of the leader. But it has to send its
   * address, as all servers do since 3.5: any eight bytes alone would be an id.
   */
  #admitUnknown(transport: Transport, id: number, addresses: readonly PeerAddress[]): boolean {
    if (id >= 0 && addresses.length === 0) {
      this.#refuse(transport, `it calls itself server ${id}, which is not in the configuration, and has no address`);
      return false;
    }
    if (!this.#peers.has(id) && this.#unconfiguredCount >= unconfiguredMax) {
      this.#refuse(transport, `${unconfiguredMax} servers that are not in the configuration are connected`);
      return false;
    }
    if (id < 0 || this.#unknown.has(id) || this.#unknown.size >= unconfiguredMax) return true;
    this.#unknown.add(id);
    this.#logger.warn(`Server ${id} at ${transport.remoteAddress} is not in the configuration: it has no vote`);
    return true;
  }

  get #unconfiguredCount(): number {
    let count = 0;
    for (const id of this.#peers.keys()) if (!this.#isConfigured(id)) count++;
    return count;
  }

  #refuse(transport: Transport, reason: string): void {
    this.#strangers.delete(transport);
    this.#logger.warn(`Refusing a connection of ${transport.remoteAddress} to the election port: ${reason}`);
    transport.destroy();
  }

  #connect(peer: ElectionPeer, advertised: readonly PeerAddress[] = []): void {
    const configured = this.#addressesOf(peer.id);
    const addresses = configured.length > 0 ? configured : advertised;
    if (this.#isClosed || peer.isDialing) return;
    this.#dial(peer, addresses);
  }

  /** The addresses one after the other, until one answers. */
  #dial(peer: ElectionPeer, [address, ...others]: readonly PeerAddress[]): void {
    if (address === undefined) return;
    const { myId, myAddresses } = this.#options;
    const cancel = this.#network.dial(
      address,
      (transport) => {
        peer.dialed();
        peer.trouble.over(this.#options.nowMs());
        transport.write(encodeHello(myId, myAddresses));
        if (myId > peer.id) return peer.take(transport, messageBytesMax);
        // the larger id calls back
        transport.end();
        return hungUp;
      },
      (reason) => {
        peer.dialed();
        const text = `Server ${peer.id} cannot be reached at ${address.host}:${address.port}, its electionPort: ${reason}`;
        if (this.#isConfigured(peer.id)) peer.trouble.happened(text, this.#options.nowMs());
        else this.#logger.debug(text);
        this.#dial(peer, others);
      },
    );
    peer.dialing(cancel);
  }

  #peer(id: number): ElectionPeer {
    let peer = this.#peers.get(id);
    if (peer === undefined) {
      const trouble = new RecurringTrouble(this.#logger, `Server ${id} is reached`);
      peer = new ElectionPeer(id, trouble, this.#receive, (reason) =>
        this.#logger.warn(`Closing the election connection with server ${id}: ${reason}`),
      );
      this.#peers.set(id, peer);
    }
    return peer;
  }
}

const hungUp: TransportHandler = { receive() {}, drained() {}, ended() {}, closed() {} };

function framed(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(4 + message.length);
  putInt(frame, 0, message.length);
  message.copy(frame, 4);
  return frame;
}
