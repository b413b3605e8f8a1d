import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Random } from '../differential/random.js';
import { int32 } from '../raw/records.js';
import { hello, notification } from './election-attacks.js';
import { lies } from './lies.js';
import { packetTypes, QuorumConnection, quorumPacket } from './quorum-connection.js';

export interface HostilePorts {
  readonly serverId: number;
  readonly electionPort: number;
  readonly quorumPort: number;
}

const looking = 0;
const lengthBytes = 4;
const redialMs = 30;

/**
 * A voter that wins elections because it claims the longest history. As the leader it sends a lie to each learner that
 * connects.
 */
export class HostileLeader {
  readonly #ports: HostilePorts;
  readonly #random: Random;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  /** How often a learner received each lie, by the lie's index in `lies`. */
  readonly #told = lies.map(() => 0);
  #next = 0;
  #longestZxid = 0n;
  #isOver = false;

  constructor(ports: HostilePorts, random: Random) {
    this.#ports = ports;
    this.#random = random;
  }

  /**
   * Starts to win elections. The id of this voter must be larger than the ids of the servers at `electionPorts`.
   * Otherwise those servers would connect to this voter, which does not listen for election connections.
   */
  async start(electionPorts: readonly number[]): Promise<void> {
    await this.#listen(this.#ports.quorumPort, (socket) => void this.#lead(new QuorumConnection(socket)));
    for (const port of electionPorts) this.#solicit(port);
  }

  /** The number of lies that no learner has received yet. */
  get untold(): number {
    return this.#told.filter((count) => count === 0).length;
  }

  stop(): void {
    this.#isOver = true;
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #listen(port: number, accept: (socket: Socket) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const server = createServer((socket) => {
        this.#keep(socket);
        accept(socket);
      });
      this.#servers.push(server);
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
  }

  /** Asks one server for its vote. Repeats this whenever the connection closes. */
  #solicit(port: number): void {
    if (this.#isOver) return;
    const socket = connect(port, '127.0.0.1');
    this.#keep(socket);
    socket.on('close', () => setTimeout(() => this.#solicit(port), redialMs));
    socket.write(hello(BigInt(this.#ports.serverId), `127.0.0.1:${this.#ports.electionPort}`));
    let received: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= lengthBytes) {
        const end = lengthBytes + received.readInt32BE(0);
        if (received.length < end) break;
        this.#answerVote(socket, received.subarray(lengthBytes, end));
        received = received.subarray(end);
      }
    });
  }

  /**
   * Answers the vote of a LOOKING server with a vote for this voter. The vote claims the longest history that any
   * server has claimed so far.
   */
  #answerVote(socket: Socket, vote: Buffer): void {
    if (vote.length < 36 || vote.readInt32BE(0) !== looking) return;
    const zxid = vote.readBigInt64BE(12);
    if (zxid > this.#longestZxid) this.#longestZxid = zxid;
    const [round, peerEpoch] = [vote.readBigInt64BE(20), vote.readBigInt64BE(28)];
    const leader = BigInt(this.#ports.serverId);
    socket.write(notification({ state: looking, leader, zxid: this.#longestZxid, round, peerEpoch, config: '' }));
  }

  async #lead(learner: QuorumConnection): Promise<void> {
    const info = await learner.next(packetTypes.followerInfo);
    if (info === undefined) return;
    const index = this.#next++ % lies.length;
    const lie = lies[index]!;
    const epoch = (info.zxid >> 32n) + 1n;
    learner.send(lie.leaderInfo?.(epoch) ?? quorumPacket(packetTypes.leaderInfo, epoch << 32n, int32(0x10000)));
    if (lie.history !== undefined) {
      const promise = await learner.next(packetTypes.ackEpoch);
      if (promise === undefined) return;
      learner.send(...lie.history(epoch, promise.zxid, this.#random));
    }
    this.#told[index]!++;
    await learner.end(300);
  }
}
