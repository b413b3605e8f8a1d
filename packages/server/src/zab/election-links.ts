import { putInt } from '@nodekeeper/protocol';
import type { Logger } from '../log/logger.js';
import type { PeerAddress, PeerNetwork, Transport, TransportHandler } from '../ports/network.js';
import { decodeHello, type ElectionHello, encodeHello, isAnonymous } from './election-hello.js';
import { ElectionPeer, messageBytesMax, type ReceiveMessage } from './election-peer.js';
import { guarded } from './peer-input.js';
import { RecurringTrouble } from './recurring-trouble.js';

interface ElectionLinksOptions {
  readonly myId: number;
  /**
   * The addresses of this server's election port. This server sends them in the hello on each connection that it opens.
   */
  readonly myAddresses: readonly PeerAddress[];
  /** How long the other server may take to send its server id on an incoming connection. */
  readonly helloLimitMs: number;
  readonly nowMs: () => number;
}

/**
 * Limits for servers that are not in the configuration. A program can claim any server id, so this server limits the
 * number of such servers and the size of their messages.
 */
const unconfiguredMax = 100;
const strangersMessageBytesMax = 64 * 1024;

/**
 * The connections of the election port (spec 4.1), at most one with each other server. If two servers connect to each
 * other, they keep the connection that the server with the larger id opened. Only the latest message to a server
 * matters, so at most one message waits to be sent. After a reconnection, the latest message is sent again, because the
 * old connection may have lost it.
 */
export class ElectionLinks {
  readonly #options: ElectionLinksOptions;
  readonly #network: PeerNetwork;
  readonly #addressesOf: (serverId: number) => readonly PeerAddress[];
  readonly #receive: ReceiveMessage;
  readonly #logger: Logger;
  readonly #peers = new Map<number, ElectionPeer>();
  /**
   * Incoming connections on which the server id has not arrived yet. The value is the deadline for the id; undefined
   * until the first tick.
   */
  readonly #strangers = new Map<Transport, number | undefined>();
  /** Server ids outside the configuration that were already logged. */
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

  /**
   * Sends a message, which replaces an unsent earlier message to the same server. Connects to the server if there is no
   * connection.
   */
  send(to: number, message: Buffer): void {
    const peer = this.#peer(to);
    peer.send(framed(message));
    if (!peer.isConnected) this.#connect(peer);
  }

  /**
   * True if the latest message to at least one configured server has been sent. The network then works, even if no
   * reply arrives.
   */
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
      else if (nowMs > untilMs) this.#refuse(transport, `it has not sent its server id in ${helloLimitMs} ms`);
    }
    for (const [id, peer] of this.#peers) {
      if (!peer.isConnected && !peer.isDialing && !this.#isConfigured(id)) this.#peers.delete(id);
    }
  }

  /** Accepts an incoming connection. The other server must send its id before any message. */
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
        known = this.#readHello(transport, received);
      },
      drained: () => known?.drained(),
      ended: () => transport.destroy(),
      closed: (reason) => {
        this.#strangers.delete(transport);
        known?.closed(reason);
      },
    };
  };

  #readHello(transport: Transport, received: Buffer): TransportHandler | undefined {
    let handler: TransportHandler | undefined;
    guarded(
      () => {
        const decoded = decodeHello(received);
        if (decoded === undefined) return;
        this.#strangers.delete(transport);
        handler = this.#admit(transport, decoded.hello, received.subarray(decoded.bytes));
      },
      (reason) => this.#refuse(transport, reason),
    );
    return handler;
  }

  /**
   * Handles an incoming connection whose server has sent its id. The connection must be opened by the server with the
   * larger id. This server closes a connection from a smaller id, and opens a connection to that server (4.1.8).
   */
  #admit(transport: Transport, { serverId, addresses }: ElectionHello, rest: Buffer): TransportHandler | undefined {
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
   * Returns true if a server that is not in the configuration may stay connected. That server may be about to join the
   * ensemble, so it may ask for the leader. It must send its address, as all servers since 3.5 do. Without this
   * requirement, any eight bytes would be a valid server id.
   */
  #admitUnknown(transport: Transport, id: number, addresses: readonly PeerAddress[]): boolean {
    if (id >= 0 && addresses.length === 0) {
      this.#refuse(transport, `it claims to be server ${id}, which is not in the configuration, and sends no address`);
      return false;
    }
    if (!this.#peers.has(id) && this.#unconfiguredCount >= unconfiguredMax) {
      this.#refuse(transport, `${unconfiguredMax} servers that are not in the configuration are connected already`);
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
    this.#logger.warn(`Refusing a connection from ${transport.remoteAddress} to the election port: ${reason}`);
    transport.destroy();
  }

  #connect(peer: ElectionPeer, advertised: readonly PeerAddress[] = []): void {
    const configured = this.#addressesOf(peer.id);
    const addresses = configured.length > 0 ? configured : advertised;
    if (this.#isClosed || peer.isDialing) return;
    this.#dial(peer, addresses);
  }

  /** Tries to connect to the addresses one after another, until one of them answers. */
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
        // the other server has the larger id, so it connects back after this server has closed the connection
        transport.end();
        return ignoring;
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
      const trouble = new RecurringTrouble(this.#logger, `Server ${id} is reachable again`);
      peer = new ElectionPeer(id, trouble, this.#receive, (reason) =>
        this.#logger.warn(`Closing the election connection with server ${id}: ${reason}`),
      );
      this.#peers.set(id, peer);
    }
    return peer;
  }
}

const ignoring: TransportHandler = { receive() {}, drained() {}, ended() {}, closed() {} };

function framed(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(4 + message.length);
  putInt(frame, 0, message.length);
  message.copy(frame, 4);
  return frame;
}
