import { putInt } from '@nodekeeper/protocol';
import type { Logger } from '../log/logger.js';
import type { PeerAddress, PeerNetwork, Transport, TransportHandler } from '../ports/network.js';
import { decodeHello, type ElectionHello, encodeHello, isAnonymous } from './election-hello.js';
import { ElectionPeer, messageBytesMax, type ReceiveMessage } from './election-peer.js';
import { guarded } from './peer-input.js';
import { RecurringTrouble } from './recurring-trouble.js';

interface ElectionLinksOptions {
  readonly myId: number;
  /** The addresses of this server's election port, which it sends to each server that it connects to. */
  readonly myAddresses: readonly PeerAddress[];
  /** How long an incoming connection may take to send its server id. */
  readonly helloLimitMs: number;
  readonly nowMs: () => number;
}

/**
 * A program can claim any server id, so the number of unconfigured servers is limited. Their configurations are
 * ignored, so their messages are short.
 */
const unconfiguredMax = 100;
const strangersMessageBytesMax = 64 * 1024;

/**
 * The connections of the election port (spec 4.1), at most one with each server. If two servers connect to each
 * other, the connection that the larger id opened stays. Only the latest message to a server matters, so at most one
 * waits. It is sent again on a new connection, because the old connection may have lost it.
 */
export class ElectionLinks {
  readonly #options: ElectionLinksOptions;
  readonly #network: PeerNetwork;
  readonly #addressesOf: (serverId: number) => readonly PeerAddress[];
  readonly #receive: ReceiveMessage;
  readonly #logger: Logger;
  readonly #peers = new Map<number, ElectionPeer>();
  /** Incoming connections that have not sent their server id, and their deadlines; undefined before the first tick. */
  readonly #strangers = new Map<Transport, number | undefined>();
  /** Ids outside the configuration that were logged already. */
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

  /** Sends a message, which replaces an unsent one. Connects to the server if there is no connection. */
  send(to: number, message: Buffer): void {
    const peer = this.#peer(to);
    peer.send(framed(message));
    if (!peer.isConnected) this.#connect(peer);
  }

  /**
   * True if at least one configured server has no unsent message. Silence then does not mean that no server was
   * reached.
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

  /** Accepts an incoming connection. The remote server must send its id first. */
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
   * The server with the larger id opens the connection. This server closes a connection from a smaller id and connects
   * back (4.1.8).
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
   * A server outside the configuration may be about to join, so it may ask for the leader. It must send its address, as
   * all servers since 3.5 do. Otherwise any eight bytes would be a valid id.
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

  /** Tries the addresses one after another until one answers. */
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
        // the server with the larger id connects back
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
