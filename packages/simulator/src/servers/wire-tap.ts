import { zxidEpoch } from '@nodekeeper/protocol';
import { type End, type Packet, PacketType, packetText, QuorumTap } from '@nodekeeper/server/testing';
import { AcknowledgementCheck } from './acknowledgement-check.js';
import { quorumPort, type Server } from './server.js';

/** Decodes the messages between servers when they are sent. What a message claims must be true at that moment. */
export class WireTap {
  readonly #servers: ReadonlyMap<string, Server>;
  readonly #taps = new WeakMap<End, QuorumTap>();
  /** The epoch that LEADERINFO offered on each connection. The key is the learner's end of the connection. */
  readonly #offered = new WeakMap<End, number>();

  /** The acknowledgement check of each connection. The key is the leader's end of the connection. */
  readonly #acknowledgements = new WeakMap<End, AcknowledgementCheck>();

  constructor(servers: ReadonlyMap<string, Server>) {
    this.#servers = servers;
  }

  readonly written = (end: End, bytes: Buffer): void => {
    if (end.port !== quorumPort || !this.#servers.has(end.owner)) return;
    let tap = this.#taps.get(end);
    if (tap === undefined) this.#taps.set(end, (tap = new QuorumTap((packet) => this.#says(end, packet))));
    tap.push(bytes);
  };

  #says(end: End, packet: Packet): void {
    const server = this.#servers.get(end.owner)!;
    if (end.isDialer) this.#learnerSays(server, end, packet.type, packet.zxid);
    else this.#leaderSays(server, end, packet.type, packet.zxid);
    if (packet.type === PacketType.ping) return;
    const { name, world } = server;
    world.note(`${name}>${end.remoteAddress} ${packetText(packet, end.isDialer ? 'learner' : 'leader')}`);
  }

  #learnerSays(server: Server, end: End, type: number, zxid: number): void {
    if (type === PacketType.ackEpoch) {
      server.claimsEpoch('acceptedEpoch', this.#offered.get(end) ?? 0, 'ACKEPOCH');
      server.moment('ACKEPOCH sent');
    } else if (type === PacketType.ack) {
      const epoch = zxidEpoch(zxid);
      if (zxid % 2 ** 32 === 0) {
        server.claimsEpoch('currentEpoch', epoch, 'ACK of NEWLEADER');
        server.moment('NEWLEADER acknowledged');
      } else {
        server.claimsDurable(zxid, 'it sends ACK');
        this.#acknowledgements.get(end.other)?.acked(zxid);
      }
    }
  }

  #leaderSays(server: Server, end: End, type: number, zxid: number): void {
    if (type === PacketType.proposal) this.#acknowledgements.get(end)?.proposed(zxid);
    else if (type === PacketType.ping) this.#acknowledgements.get(end)?.pinged();
    if (type === PacketType.leaderInfo) {
      server.claimsEpoch('acceptedEpoch', zxidEpoch(zxid), 'LEADERINFO');
      this.#offered.set(end.other, zxidEpoch(zxid));
    } else if (type === PacketType.newLeader) {
      server.claimsEpoch('currentEpoch', zxidEpoch(zxid), 'NEWLEADER');
      server.moment('NEWLEADER sent');
    } else if (type === PacketType.upToDate) {
      server.moment('UPTODATE sent');
      this.#expectAcknowledgements(server, end);
    }
  }

  /**
   * Starts to check that the learner acknowledges proposals. An observer gets no proposals, so its check never fails.
   */
  #expectAcknowledgements({ world, name, setting }: Server, end: End): void {
    const { syncLimitTicks, tickTimeMs } = setting.config;
    const what = `${end.remoteAddress}, which follows ${name},`;
    this.#acknowledgements.set(end, new AcknowledgementCheck(world, what, syncLimitTicks * tickTimeMs));
  }
}
