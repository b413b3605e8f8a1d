import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeZxid, Reader } from '@nodekeeper/protocol';
import { silentLogger } from '../../src/log/logger.js';
import { ActiveConfig } from '../../src/membership/index.js';
import type { Transport, TransportHandler } from '../../src/ports/network.js';
import type { Epochs } from '../../src/zab/epochs.js';
import { Learner } from '../../src/zab/learner.js';
import { decodePacket, encodePacket, type Packet, PacketType, packetName } from '../../src/zab/packets.js';
import type { Replica } from '../../src/zab/replica.js';
import type { TermContext } from '../../src/zab/term-context.js';
import { ensembleOf } from '../support/term.js';

const epoch = 3;

/** A learner of nodekeeper, and its leader. The test plays the leader. */
class PlayedLeader {
  readonly learner: Learner;
  /** Completes the learner's write to its disk. */
  persisted: () => void = () => {};
  #handler: TransportHandler | undefined;
  #received: Packet[] = [];

  constructor() {
    const replica = {
      lastZxid: makeZxid(2, 5),
      zxidToTell: makeZxid(2, 5),
      event: (work: () => void) => work(),
      learn() {},
      serve() {},
      takeTouches: () => [],
      makeDurable: (done: () => void) => {
        this.persisted = done;
      },
    } as unknown as Replica;
    const context = {
      myId: 1,
      config: new ActiveConfig(ensembleOf(3)),
      replica,
      epochs: { accepted: 2, current: 2 } as Epochs,
      logger: silentLogger,
      nowMs: () => 0,
      nextTurn: (work: () => void) => work(),
      established() {},
      epochElsewhere: 0,
      votedEpoch: 0,
      epochFoundElsewhere() {},
      configured: () => true,
      lost: (reason: string) => assert.fail(reason),
    } as unknown as TermContext;
    const transport = {
      unsentBytes: 0,
      write: (bytes: Buffer) => this.#take(bytes),
      destroy() {},
    } as unknown as Transport;
    this.learner = new Learner(context, 2, [{ host: 'leader', port: 2888 }], false, {
      listen: () => () => {},
      dial: (_address, connected) => {
        this.#handler = connected(transport);
        return () => {};
      },
    });
    this.learner.start();
  }

  #take(bytes: Buffer): boolean {
    const reader = new Reader(bytes);
    while (reader.remaining > 0) {
      this.#received.push(decodePacket(reader));
    }
    return true;
  }

  say(type: number, zxid: number, data?: Buffer): void {
    this.#handler!.receive(encodePacket(type, zxid, data));
  }

  /** Takes the names of the packets that the learner has sent since the last call. */
  heard(): string[] {
    return this.#received.splice(0).map(({ type }) => packetName(type));
  }
}

test("a learner answers no ping before it serves, because ZooKeeper's leader accepts only the ACK until then", () => {
  const leader = new PlayedLeader();
  leader.say(PacketType.leaderInfo, makeZxid(epoch, 0), Buffer.from([0, 1, 0, 0]));
  leader.say(PacketType.diff, makeZxid(2, 5));
  assert.deepEqual(leader.heard(), ['FOLLOWERINFO', 'ACKEPOCH']);
  leader.say(PacketType.ping, makeZxid(epoch, 0));
  leader.say(PacketType.newLeader, makeZxid(epoch, 0));
  leader.say(PacketType.ping, makeZxid(epoch, 0));
  assert.deepEqual(leader.heard(), []);
  leader.persisted();
  assert.deepEqual(leader.heard(), ['ACK']);
  leader.say(PacketType.ping, makeZxid(epoch, 0));
  leader.say(PacketType.upToDate, -1);
  leader.say(PacketType.ping, makeZxid(epoch, 0));
  assert.deepEqual(leader.heard(), ['ACK', 'PING']);
});
