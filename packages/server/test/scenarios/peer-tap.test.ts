import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Writer } from '@nodekeeper/protocol';
import { ElectionTap, QuorumTap } from '../../src/testing/peer-tap.js';
import { notificationText, packetText } from '../../src/testing/peer-text.js';
import { encodeHello } from '../../src/zab/election-hello.js';
import { noVote } from '../../src/zab/notification.js';
import { encodePacket, PacketType } from '../../src/zab/packets.js';
import { electionMessage } from '../support/impostor.js';

function inPieces(bytes: Buffer, size: number, push: (piece: Buffer) => void): void {
  for (let at = 0; at < bytes.length; at += size) push(bytes.subarray(at, at + size));
}

for (const size of [1, 7, 10_000]) {
  test(`a quorum connection is cut into packets, and a snapshot is skipped, in pieces of ${size} bytes`, () => {
    const end = new Writer(20);
    end.ustring('BenWasHere');
    const stream = Buffer.concat([
      encodePacket(PacketType.snap, 0x100000002),
      Buffer.from('a tree, BenWas, and so on'),
      end.view(),
      encodePacket(PacketType.newLeader, 0x200000000, Buffer.from('the configuration')),
      encodePacket(PacketType.upToDate, -1),
    ]);
    const heard: string[] = [];
    const tap = new QuorumTap((packet) => heard.push(packetText(packet, 'leader')));
    inPieces(stream, size, (piece) => tap.push(piece));
    assert.deepEqual(heard, ['SNAP 0x100000002', 'NEWLEADER epoch=2', 'UPTODATE']);
  });

  test(`an election connection is cut into notifications, in pieces of ${size} bytes`, () => {
    const stream = Buffer.concat([
      encodeHello(3, [{ host: 's3', port: 3888 }]),
      electionMessage({ leader: 3, zxid: 0x100000002, peerEpoch: 1, electionEpoch: 4 }),
      electionMessage({ leader: noVote, zxid: noVote, peerEpoch: noVote, state: 'observing' }),
    ]);
    const heard: string[] = [];
    const tap = new ElectionTap(true, (notification) => heard.push(notificationText(notification)));
    inPieces(stream, size, (piece) => tap.push(piece));
    assert.deepEqual(heard, [
      'NOTIFICATION LOOKING leader=3 zxid=0x100000002 peerEpoch=1 electionEpoch=4',
      'NOTIFICATION OBSERVING leader=none electionEpoch=1',
    ]);
  });
}
