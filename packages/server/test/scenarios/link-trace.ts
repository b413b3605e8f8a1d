import { ElectionTap, type PeerTap, QuorumTap } from '../../src/testing/peer-tap.js';
import { notificationText, packetText, type SessionText } from '../../src/testing/peer-text.js';
import { type Packet, PacketType, packetName } from '../../src/zab/packets.js';
import type { LinkTap, PeerLink, SimulatedPeers } from '../support/simulated-peers.js';

const quorumPort = 2888;
const packetNames: ReadonlySet<string> = new Set(Object.values(PacketType).map(packetName));

/** The decoders for one direction of a connection: one where the bytes are sent, and one where they arrive. */
interface Stream {
  readonly sent: PeerTap;
  readonly arriving: PeerTap;
  /** One entry for each message in flight: true if the link was cut when the message was sent. */
  readonly held: boolean[];
}

/**
 * Adds each message between servers to the trace when it is sent. A message that a cut link has held is added again
 * when it arrives. Pings are frequent, so they are left out unless the scenario asks for them.
 */
export class LinkTrace implements LinkTap {
  readonly #peers: SimulatedPeers;
  readonly #add: (line: string) => void;
  readonly #sessionText: SessionText;
  readonly #streams = new WeakMap<PeerLink, Stream>();
  /** The links that are cut before the next packet of a given name, for example `s1>s2 PROPOSAL`. */
  readonly #cutsBefore = new Set<string>();
  showsPings = false;

  constructor(peers: SimulatedPeers, add: (line: string) => void, sessionText: SessionText) {
    this.#peers = peers;
    this.#add = add;
    this.#sessionText = sessionText;
  }

  /** Cuts the link before the next packet of this name. Returns false if no packet has this name. */
  cutBefore(packet: string, from: string, to: string): boolean {
    this.#cutsBefore.add(`${from}>${to} ${packet}`);
    return packetNames.has(packet);
  }

  sent(link: PeerLink, bytes: Buffer): void {
    this.#streamOf(link).sent.push(bytes);
  }

  arrives(link: PeerLink, bytes: Buffer): void {
    this.#streamOf(link).arriving.push(bytes);
  }

  #streamOf(link: PeerLink): Stream {
    let stream = this.#streams.get(link);
    if (stream !== undefined) return stream;
    const held: boolean[] = [];
    const isSent = (text: string, name: string, isShown: boolean) => held.push(this.#sends(link, text, name, isShown));
    const hasArrived = (text: string) => {
      if (held.shift()) this.#add(`${arrow(link)} ${text} (arrives)`);
    };
    stream = { sent: this.#tap(link, isSent), arriving: this.#tap(link, hasArrived), held };
    this.#streams.set(link, stream);
    return stream;
  }

  #tap(link: PeerLink, onText: (text: string, name: string, isShown: boolean) => void): PeerTap {
    if (link.port !== quorumPort) {
      return new ElectionTap(link.isCaller, (told) => onText(notificationText(told), 'NOTIFICATION', true));
    }
    return new QuorumTap((packet: Packet) => {
      const text = packetText(packet, link.isCaller ? 'learner' : 'leader', this.#sessionText);
      onText(text, packetName(packet.type), this.showsPings || packet.type !== PacketType.ping);
    });
  }

  /**
   * Adds a sent message to the trace. Returns true if its link is cut, so that the message must be added again when it
   * arrives.
   */
  #sends(link: PeerLink, text: string, name: string, isShown: boolean): boolean {
    const { owner, remoteAddress } = link;
    if (this.#cutsBefore.delete(`${owner}>${remoteAddress} ${name}`)) this.#peers.cut(owner, remoteAddress);
    const isHeld = this.#peers.isCut(owner, remoteAddress);
    if (isShown) this.#add(`${arrow(link)} ${text}${isHeld ? ' (held, the link is cut)' : ''}`);
    return isShown && isHeld;
  }
}

function arrow({ owner, remoteAddress }: PeerLink): string {
  return `${owner} -> ${remoteAddress}`;
}
