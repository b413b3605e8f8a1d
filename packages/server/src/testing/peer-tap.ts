import { decodeHello } from '../zab/election-hello.js';
import { decodeNotification, type Notification } from '../zab/notification.js';
import { PacketStream } from '../zab/packet-stream.js';
import { type Packet, PacketType } from '../zab/packets.js';

/** Decodes one direction of a connection between servers. The bytes are passed in chunks of any size. */
export interface PeerTap {
  push(bytes: Buffer): void;
}

const packetBytesMax = 64 * 1024 * 1024;
const snapshotEnd = Buffer.from('BenWasHere');

/** Splits one direction of a connection to a quorum port into packets. Skips the bytes of a snapshot. */
export class QuorumTap implements PeerTap {
  readonly #stream: PacketStream;
  /**
   * The last bytes received of an unfinished snapshot. They may contain the first part of the text that ends a
   * snapshot.
   */
  #tail: Buffer = Buffer.alloc(0);

  constructor(onPacket: (packet: Packet) => void) {
    this.#stream = new PacketStream((packet) => {
      if (packet.type === PacketType.snap) this.#stream.readRaw((bytes) => this.#behindSnapshot(bytes));
      onPacket(packet);
    }, packetBytesMax);
  }

  push(bytes: Buffer): void {
    this.#stream.push(bytes);
  }

  #behindSnapshot(bytes: Buffer): Buffer | undefined {
    const kept = this.#tail.length;
    const all = Buffer.concat([this.#tail, bytes]);
    const at = all.indexOf(snapshotEnd);
    this.#tail = at < 0 ? all.subarray(Math.max(0, all.length - snapshotEnd.length + 1)) : Buffer.alloc(0);
    return at < 0 ? undefined : bytes.subarray(at + snapshotEnd.length - kept);
  }
}

/**
 * Splits one direction of a connection to an election port into notifications. `isCaller` is true for the bytes of the
 * server that opened the connection. Only that server begins with a hello.
 */
export class ElectionTap implements PeerTap {
  readonly #onNotification: (notification: Notification) => void;
  #isGreeted: boolean;
  #left: Buffer = Buffer.alloc(0);

  constructor(isCaller: boolean, onNotification: (notification: Notification) => void) {
    this.#isGreeted = !isCaller;
    this.#onNotification = onNotification;
  }

  push(bytes: Buffer): void {
    this.#left = Buffer.concat([this.#left, bytes]);
    if (!this.#isGreeted && !this.#skipHello()) return;
    while (this.#left.length >= 4 && this.#left.length >= 4 + this.#left.readInt32BE(0)) {
      const end = 4 + this.#left.readInt32BE(0);
      const notification = decodeNotification(this.#left.subarray(4, end));
      this.#left = this.#left.subarray(end);
      if (notification !== undefined) this.#onNotification(notification);
    }
  }

  #skipHello(): boolean {
    const decoded = decodeHello(this.#left);
    if (decoded === undefined) return false;
    this.#left = this.#left.subarray(decoded.bytes);
    this.#isGreeted = true;
    return true;
  }
}
