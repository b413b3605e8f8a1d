import { connect, type Socket } from 'node:net';
import { int32 } from '../raw/records.js';
import { long } from './election-attacks.js';

interface QuorumPacket {
  readonly type: number;
  readonly zxid: bigint;
  readonly data: Buffer;
}

/** The packet types between leader and learner that the attacks use, with their numbers. */
export const packetTypes = {
  request: 1,
  proposal: 2,
  ack: 3,
  commit: 4,
  ping: 5,
  revalidate: 6,
  sync: 7,
  newLeader: 10,
  followerInfo: 11,
  upToDate: 12,
  diff: 13,
  snap: 15,
  observerInfo: 16,
  leaderInfo: 17,
  ackEpoch: 18,
} as const;

export function quorumPacket(type: number, zxid: bigint, data: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([int32(type), long(zxid), int32(data.length), data, int32(-1)]);
}

/** The data of a learner's first packet, with the server id that the learner claims. */
export function learnerInfo(serverId: bigint): Buffer {
  return Buffer.concat([long(serverId), int32(0x10000), long(0n)]);
}

/**
 * One connection between a learner and a leader. Both a fake learner and a fake leader can use it. It reads only
 * packets without authentication ids, which is enough for the attacks.
 */
export class QuorumConnection {
  isClosed = false;
  #received: Buffer = Buffer.alloc(0);
  #wake: () => void = () => {};

  constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('error', () => {}); // 'close' follows a reset
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    socket.on('close', () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  static to(port: number): QuorumConnection {
    return new QuorumConnection(connect(port, '127.0.0.1'));
  }

  send(...packets: Buffer[]): void {
    if (!this.isClosed) this.socket.write(Buffer.concat(packets));
  }

  /**
   * The next packet, or the next packet of a given type. Undefined if the connection is closed, or if no such packet
   * arrives within `waitMs`.
   */
  async next(type?: number, waitMs = 2_000): Promise<QuorumPacket | undefined> {
    const end = Date.now() + waitMs;
    while (!this.isClosed && Date.now() < end) {
      const packet = this.#take();
      if (packet === undefined) await this.#more(end - Date.now());
      else if (type === undefined || packet.type === type) return packet;
    }
    return undefined;
  }

  /** Waits until the other side closes the connection, but at most `waitMs`. Then closes this side. */
  async end(waitMs: number): Promise<void> {
    const end = Date.now() + waitMs;
    while (!this.isClosed && Date.now() < end) {
      this.#received = Buffer.alloc(0);
      await this.#more(end - Date.now());
    }
    this.socket.destroy();
  }

  #more(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #take(): QuorumPacket | undefined {
    const bytes = this.#received;
    if (bytes.length < 20) return undefined;
    const length = Math.max(0, bytes.readInt32BE(12));
    if (bytes.length < 20 + length) return undefined;
    this.#received = bytes.subarray(20 + length);
    return { type: bytes.readInt32BE(0), zxid: bytes.readBigInt64BE(4), data: bytes.subarray(16, 16 + length) };
  }
}
