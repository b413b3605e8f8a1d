import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeZxid, OpCode, Reader } from '@nodekeeper/protocol';
import type { Transport, TransportHandler } from '../../src/ports/network.js';
import { CommittedLog } from '../../src/zab/committed-log.js';
import { Leader } from '../../src/zab/leader.js';
import {
  decodePacket,
  encodeForwarded,
  encodeLearnerInfo,
  encodePacket,
  PacketType,
  packetName,
  zabProtocolVersion,
} from '../../src/zab/packets.js';
import type { LeaderGate, Replica, ZabMeter } from '../../src/zab/replica.js';
import { term } from '../support/term.js';

/** A leader of three voters, and one of its followers. The test plays the follower. */
class PlayedFollower {
  readonly leader: Leader;
  #gate: LeaderGate | undefined;
  #handler: TransportHandler;
  #heard: string[] = [];
  #nextZxid = makeZxid(1, 1);

  constructor() {
    const meter = { synchronising() {}, acked() {} } as unknown as ZabMeter;
    const replica = {
      lastZxid: 0,
      history: new CommittedLog(10),
      meter,
      event: (work: () => void) => work(),
      lead: (_epoch: number, gate: LeaderGate) => {
        this.#gate = gate;
      },
      request: () => this.#gate!.proposed(this.#nextZxid++, Buffer.from('txn')),
      commitThrough() {},
    } as unknown as Replica;
    const { context } = term({ replica, lost: (reason) => assert.fail(reason) });
    this.leader = new Leader(context);
    this.leader.start();
    const transport = {
      remoteAddress: 'follower',
      unsentBytes: 0,
      write: (bytes: Buffer) => this.#take(bytes),
      destroy() {},
    } as unknown as Transport;
    this.#handler = this.leader.accept(transport)!;
    const info = encodeLearnerInfo({ serverId: 2, protocolVersion: zabProtocolVersion, configVersion: 0 });
    this.say(PacketType.followerInfo, 0, info);
    this.say(PacketType.ackEpoch, 0, Buffer.alloc(4));
    this.say(PacketType.ack, makeZxid(1, 0));
    assert.deepEqual(this.heard(), ['LEADERINFO', 'DIFF', 'NEWLEADER', 'UPTODATE']);
  }

  #take(bytes: Buffer): boolean {
    const reader = new Reader(bytes);
    while (reader.remaining > 0) this.#heard.push(packetName(decodePacket(reader).type));
    return true;
  }

  say(type: number, zxid: number, data?: Buffer): void {
    this.#handler.receive(encodePacket(type, zxid, data));
  }

  forward(type: number): void {
    this.say(PacketType.request, -1, encodeForwarded({ sessionId: 1n, cxid: 1, type, body: Buffer.alloc(0) }));
  }

  /** Takes the names of the packets that the leader has sent since the last call. */
  heard(): string[] {
    return this.#heard.splice(0);
  }
}

test("a leader answers a follower's syncs and writes in the order of the requests, as ZooKeeper's follower requires", () => {
  const follower = new PlayedFollower();
  const [first, second] = [makeZxid(1, 1), makeZxid(1, 2)];
  follower.forward(OpCode.create);
  follower.forward(OpCode.sync);
  follower.forward(OpCode.create);
  assert.deepEqual(follower.heard(), ['PROPOSAL', 'PING', 'PROPOSAL']);
  // The follower has not answered the PING when a quorum logs the second create. The leader must still send SYNC before
  // the COMMIT.
  follower.leader.logged(second);
  follower.say(PacketType.ack, first);
  assert.deepEqual(follower.heard(), ['COMMIT']);
  follower.say(PacketType.ack, second);
  assert.deepEqual(follower.heard(), ['SYNC', 'COMMIT']);
});
