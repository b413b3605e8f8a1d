import assert from 'node:assert/strict';
import { test } from 'node:test';
import { putInt, Reader } from '@nodekeeper/protocol';
import { type Logger, silentLogger } from '../../src/log/logger.js';
import type { PeerAddress, Transport, TransportHandler } from '../../src/ports/network.js';
import { decodeHello, encodeHello } from '../../src/zab/election-hello.js';
import { ElectionLinks } from '../../src/zab/election-links.js';
import { decodeNotification, encodeNotification, type Notification } from '../../src/zab/notification.js';
import {
  decodePacket,
  encodeLearnerInfo,
  encodePacket,
  PacketType,
  packetName,
  zabProtocolVersion,
} from '../../src/zab/packets.js';
import { TestEnsemble } from '../support/test-ensemble.js';

const messageBytesMax = 512 * 1024;

function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(4);
  putInt(head, 0, message.length);
  return Buffer.concat([head, message]);
}

/** One end of a connection: the end that the server uses. The test plays the remote end. */
class Line implements Transport {
  readonly remoteAddress = 'caller';
  readonly remotePort = 0;
  /** If above 0, the send buffer of the operating system is full. */
  unsentBytes = 0;
  isClosed = false;
  handler!: TransportHandler;
  #written = Buffer.alloc(0);

  write(bytes: Buffer): boolean {
    this.#written = Buffer.concat([this.#written, bytes]);
    return this.unsentBytes === 0;
  }

  pause(): void {}
  resume(): void {}

  end(): void {
    this.isClosed = true;
  }

  destroy(): void {
    this.isClosed = true;
  }

  /** The remote end closes the connection. */
  lose(): void {
    this.isClosed = true;
    this.handler.closed('lost');
  }

  /** The operating system has taken all waiting bytes. */
  drain(): void {
    this.unsentBytes = 0;
    this.handler.drained();
  }

  /**
   * Takes the messages that the server has written since the last call. If a hello precedes the messages, it is
   * skipped.
   */
  taken(): string[] {
    const isHello = this.#written.length > 0 && this.#written.readInt32BE(0) < 0;
    const messages: string[] = [];
    for (let at = isHello ? decodeHello(this.#written)!.bytes : 0; at < this.#written.length; ) {
      const end = at + 4 + this.#written.readInt32BE(at);
      messages.push(this.#written.toString('utf8', at + 4, end));
      at = end;
    }
    this.#written = Buffer.alloc(0);
    return messages;
  }
}

/**
 * The election port of server 5. The test plays two other servers: server 4, which server 5 dials, and server 6, which
 * dials server 5.
 */
class PlayedPort {
  readonly heard: { from: number; message: Buffer }[] = [];
  readonly warned: string[] = [];
  readonly links: ElectionLinks;
  #dialled: ((transport: Transport) => TransportHandler)[] = [];

  constructor() {
    const network = {
      listen: () => () => {},
      dial: (_address: PeerAddress, connected: (transport: Transport) => TransportHandler) => {
        this.#dialled.push(connected);
        return () => {};
      },
    };
    const logger: Logger = { ...silentLogger, warn: (message) => void this.warned.push(message) };
    this.links = new ElectionLinks(
      { myId: 5, myAddresses: [{ host: 's5', port: 3888 }], helloLimitMs: 1000, nowMs: () => 0 },
      network,
      (serverId) => [{ host: `s${serverId}`, port: 3888 }],
      (from, message) => this.heard.push({ from, message }),
      logger,
    );
  }

  say(to: number, message: string): void {
    this.links.send(to, Buffer.from(message));
  }

  /** Server 4 accepts the connection that server 5 has dialled. */
  answer(): Line {
    const line = new Line();
    const [connected, ...more] = this.#dialled.splice(0);
    assert.equal(more.length, 0, 'it dials once');
    line.handler = connected!(line);
    return line;
  }

  /** Server 6 connects to server 5, and sends these chunks after its hello. */
  call(...chunks: Buffer[]): Line {
    const line = new Line();
    line.handler = this.links.accept(line)!;
    for (const chunk of [encodeHello(6, [{ host: 's6', port: 3888 }]), ...chunks]) line.handler.receive(chunk);
    return line;
  }
}

test('4.1.6 the server gives an observer without an id its own id, keeps its connection beside others, and answers with the leader', () => {
  const ensemble = new TestEnsemble(3);
  ensemble.start();
  const leader = ensemble.untilServing();
  const withAddress = encodeHello(1, [{ host: 'somewhere', port: 3888 }]);
  withAddress.writeBigInt64BE(2n ** 63n - 1n, 8);
  const asBefore35 = Buffer.alloc(8);
  asBefore35.writeBigInt64BE(2n ** 63n - 1n);
  const vote = { leader: 3, zxid: 0, electionEpoch: 1, peerEpoch: 0 };
  const question = frame(encodeNotification({ ...vote, state: 'looking', config: '' }));
  const observers = [withAddress, withAddress, asBefore35].map((hello, index) => {
    const observer = { answers: [] as (Notification | undefined)[], isClosed: false, ask() {} };
    const closed = () => {
      observer.isClosed = true;
    };
    const receive = (chunk: Buffer) => void observer.answers.push(decodeNotification(chunk.subarray(4)));
    ensemble.peers.networkOf(`observer-${index}`).dial(
      { host: leader.name, port: 3888 },
      (transport) => {
        transport.write(hello);
        observer.ask = () => void transport.write(question);
        return { receive, drained() {}, ended: closed, closed };
      },
      (reason) => assert.fail(reason),
    );
    return observer;
  });
  ensemble.settle();
  // All observers connect before the first of them asks. If the server kept only one connection per id, each new
  // observer would replace the observer before it.
  for (const observer of observers) observer.ask();
  ensemble.advance(2000);
  for (const { answers, isClosed } of observers) {
    assert.deepEqual(
      [answers.length, answers[0]?.state, answers[0]?.leader, isClosed],
      [1, 'leading', leader.id, false],
    );
  }
  assert.equal(ensemble.leader, leader, 'the ensemble continues with the same leader');
});

test('4.1.9 a message of 512 KiB is read; a longer or empty one closes the connection when its length arrives', () => {
  const port = new PlayedPort();
  const longest = Buffer.alloc(messageBytesMax, 7);
  const bytes = frame(longest);
  const sound = port.call(bytes.subarray(0, 100_000), bytes.subarray(100_000));
  assert.deepEqual(port.heard.splice(0), [{ from: 6, message: longest }]);
  assert.equal(sound.isClosed, false);
  for (const length of [messageBytesMax + 1, 0, -1]) {
    const head = Buffer.alloc(4);
    head.writeInt32BE(length);
    const line = port.call(head);
    assert.equal(line.isClosed, true, `${length} bytes`);
    assert.deepEqual(port.heard, []);
    assert.match(port.warned.splice(0).join('\n'), /^Closing the election connection with server 6: [^\n]*$/);
  }
});

test('4.1.10 a new message replaces one that still waits for a connection or for the system', () => {
  const port = new PlayedPort();
  for (const message of ['a', 'b']) port.say(4, message);
  const line = port.answer();
  assert.deepEqual(line.taken(), ['b']);
  line.unsentBytes = 1;
  for (const message of ['c', 'd', 'e']) port.say(4, message);
  assert.deepEqual(line.taken(), []);
  line.drain();
  assert.deepEqual(line.taken(), ['e']);
  line.drain();
  assert.deepEqual(line.taken(), [], 'once is enough');
});

test('4.1.10 a new connection gets the last message again, because it may be lost, unless a newer one waits', () => {
  const port = new PlayedPort();
  port.say(4, 'a');
  const first = port.answer();
  assert.deepEqual(first.taken(), ['a']);
  first.lose();
  port.links.connectAll();
  const second = port.answer();
  assert.deepEqual(second.taken(), ['a']);
  second.lose();
  port.say(4, 'b');
  assert.deepEqual(port.answer().taken(), ['b']);
  // Server 6 dials server 5. When server 6 connects again, its new connection gets the last message again.
  port.call();
  port.say(6, 'c');
  assert.deepEqual(port.call().taken(), ['c']);
});

test('4.1.10 received messages are never dropped or reordered', () => {
  const port = new PlayedPort();
  const messages = Array.from({ length: 250 }, (_, index) => `message ${index}`);
  port.call(Buffer.concat(messages.map((message) => frame(Buffer.from(message)))));
  assert.deepEqual(
    port.heard.map(({ message }) => message.toString()),
    messages,
  );
});

for (const listensOnAllAddresses of [false, true]) {
  const where = listensOnAllAddresses ? 'every address with quorumListenOnAllIPs' : 'the configured address';
  test(`4.1.13 both ports are bound on ${where} from the start, and only a leader accepts learners`, () => {
    const ensemble = new TestEnsemble(3, { config: { quorumListenOnAllIps: listensOnAllAddresses } });
    const bound = new Set<string>();
    const networkOf = ensemble.peers.networkOf.bind(ensemble.peers);
    ensemble.peers.networkOf = (name) => {
      const network = networkOf(name);
      return {
        ...network,
        listen(address, accept, events) {
          const text = `${name} at ${address.host ?? '*'}:${address.port}`;
          bound.add(text);
          const stop = network.listen(address, accept, events);
          return () => {
            bound.delete(text);
            stop();
          };
        },
      };
    };
    ensemble.start();
    const at = (name: string, port: number) => `${name} at ${listensOnAllAddresses ? '*' : name}:${port}`;
    const ports = ensemble.members.flatMap(({ name }) => [at(name, 2888), at(name, 3888)]).sort();
    assert.deepEqual([...bound].sort(), ports);
    const leader = ensemble.untilServing();
    assert.deepEqual([...bound].sort(), ports);
    for (const { name, view } of ensemble.members) {
      const isTaken = isLearnerTaken(ensemble, name);
      assert.equal(isTaken, view.mode === 'leader', name);
    }
    assert.equal(ensemble.leader, leader);
    for (const { name } of ensemble.members) {
      ensemble.members.find((member) => member.name === name)!.stop();
      assert.deepEqual(
        [...bound].filter((text) => text.startsWith(`${name} `)),
        [],
      );
    }
  });
}

/** Returns true if the server keeps a connection from a learner open. */
function isLearnerTaken(ensemble: TestEnsemble, host: string): boolean {
  let isTaken = true;
  ensemble.peers.networkOf('learner').dial(
    { host, port: 2888 },
    () => ({ receive() {}, drained() {}, ended() {}, closed: () => void (isTaken = false) }),
    () => void (isTaken = false),
  );
  ensemble.settle();
  return isTaken;
}

test('a learner that connects before the leader is elected waits for a second without an answer', () => {
  const ensemble = new TestEnsemble(3);
  ensemble.member(3).start();
  const started = ensemble.nowMs;
  assert.equal(isLearnerTaken(ensemble, 's3'), true);
  const heard: string[] = [];
  const call = () =>
    ensemble.peers.networkOf('learner').dial(
      { host: 's3', port: 2888 },
      (transport) => {
        const info = encodeLearnerInfo({ serverId: 11, protocolVersion: zabProtocolVersion, configVersion: 0 });
        transport.write(encodePacket(PacketType.observerInfo, 0, info));
        const receive = (chunk: Buffer) => void heard.push(packetName(decodePacket(new Reader(chunk))!.type));
        return { receive, drained() {}, ended() {}, closed: () => void heard.push('closed') };
      },
      (reason) => assert.fail(reason),
    );
  call();
  ensemble.advance(900);
  assert.deepEqual(heard, []);
  ensemble.advance(200);
  assert.deepEqual(heard, ['closed'], `after ${ensemble.nowMs - started} ms`);
  call();
  ensemble.start();
  ensemble.untilServing();
  assert.equal(heard[1], 'LEADERINFO');
});
