import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMember, EnsembleConfig } from '../../src/membership/index.js';
import type { PeerNetwork } from '../../src/ports/network.js';
import { TestEnsemble, type TestMember } from '../support/test-ensemble.js';

interface Refusal {
  readonly reason: string;
  readonly isNameUnknown: boolean;
}

const taken: Refusal = { reason: 'listen EADDRINUSE: address already in use', isNameUnknown: false };
const unknown: Refusal = { reason: 'getaddrinfo ENOTFOUND', isNameUnknown: true };

/** An ensemble of three servers that cannot bind certain addresses. */
class Machines extends TestEnsemble {
  /** Maps each address that no server can bind, as `host:port`, to the reason. */
  readonly refusals = new Map<string, Refusal>();
  readonly attempts: string[] = [];
  /** True if server 1 has two addresses. */
  hasTwoAddresses = false;
  bindAttempts = 3;
  listensOnAllAddresses = false;

  constructor() {
    super(3);
    const networkOf = this.peers.networkOf.bind(this.peers);
    this.peers.networkOf = (name) => this.#guarded(networkOf(name));
  }

  #guarded(network: PeerNetwork): PeerNetwork {
    return {
      ...network,
      listen: (address, accept, events) => {
        const place = `${address.host ?? '*'}:${address.port}`;
        this.attempts.push(place);
        const refusal = this.refusals.get(place);
        if (refusal === undefined) return network.listen(address, accept, events);
        events.failed(refusal.reason, refusal.isNameUnknown);
        return () => {};
      },
    };
  }

  override configFor(id: number) {
    const { bindAttempts, listensOnAllAddresses } = this;
    const members = this.members.map(({ id: each, name }) => {
      const address = { host: name, quorumPort: 2888, electionPort: 3888 };
      return createMember(
        each,
        each === 1 && this.hasTwoAddresses ? [address, { ...address, host: 'other' }] : [address],
      );
    });
    return {
      ...super.configFor(id),
      ensemble: new EnsembleConfig(members),
      electionPortBindRetry: bindAttempts,
      quorumListenOnAllIps: listensOnAllAddresses,
    };
  }
}

const lines = ({ logged }: TestMember, pattern: RegExp) => logged.filter((line) => pattern.test(line));

test('4.1.13 a server tries a port that is in use again each second, and binds it when it is free', () => {
  const machines = new Machines();
  machines.bindAttempts = 0;
  machines.refusals.set('s1:3888', taken);
  machines.start();
  machines.advance(150_000);
  const tries = machines.attempts.filter((place) => place === 's1:3888').length;
  assert(tries >= 148 && tries <= 151, `${tries} attempts`);
  const one = machines.member(1);
  const told = lines(one, /^WARN cannot listen/);
  const text = 'WARN cannot listen on s1:3888, the electionPort of server.1: listen EADDRINUSE: address already in use';
  assert.equal(told[0], `${text}; retrying every second`);
  assert.equal(told.length, 3, 'at once, then once a minute');
  assert.match(told[1]!, /\(6\d times in 60 s\)$/);
  machines.refusals.clear();
  machines.advance(1100);
  assert.match(one.logged.join('\n'), /INFO Listening on s1:3888, the electionPort of server.1, after 15\d failures/);
  assert.equal(one.failure, undefined);
});

test('4.1.13 after electionPortBindRetry attempts the server gives up the port, with the reason', () => {
  const machines = new Machines();
  machines.refusals.set('s1:3888', taken);
  machines.start();
  const one = machines.member(1);
  machines.advance(1900);
  assert.equal(one.failure, undefined);
  machines.advance(300);
  assert.equal(
    one.failure,
    'cannot listen on s1:3888, the electionPort of server.1: listen EADDRINUSE: address already in use',
  );
  assert.equal(one.exitCode, 14);
});

for (const [what, refusal] of [
  ['be bound', taken],
  ['be resolved', unknown],
] as const) {
  test(`4.1.13 a server continues if one of its own addresses cannot ${what}, and ends if none can be bound`, () => {
    const machines = new Machines();
    machines.hasTwoAddresses = true;
    for (const port of [2888, 3888]) machines.refusals.set(`other:${port}`, refusal);
    machines.start();
    machines.untilServing();
    machines.advance(10_000);
    const one = machines.member(1);
    assert.equal(one.failure, undefined);
    assert.equal(lines(one, /cannot listen on other:3888/).length, 1);
    one.stop();
    for (const host of ['s1', 'other']) machines.refusals.set(`${host}:3888`, taken);
    one.start();
    machines.advance(3000);
    assert.equal(one.exitCode, 14);
  });
}

test('4.1.13 a server waits without limit for an own host name that cannot be resolved, and logs it once a minute', () => {
  const machines = new Machines();
  machines.refusals.set('s1:3888', unknown);
  machines.start();
  const one = machines.member(1);
  machines.advance(130_000);
  assert.equal(one.failure, undefined);
  assert.equal(lines(one, /^WARN cannot listen on s1:3888, .*ENOTFOUND/).length, 3);
  machines.refusals.clear();
  machines.untilServing();
});

test('an elected server whose quorumPort is in use ends the term, not the process, and leads when the port is free', () => {
  const machines = new Machines();
  machines.refusals.set('s3:2888', taken);
  machines.start();
  machines.advance(5000);
  const three = machines.member(3);
  assert.equal(three.failure, undefined);
  const told = lines(three, /^WARN The term is over/);
  assert.match(
    told[0]!,
    /no server can follow this one: cannot listen on s3:2888, the quorumPort of server.3: listen EADDRINUSE/,
  );
  machines.refusals.clear();
  assert.equal(machines.untilServing(), three);
});

test('a follower serves even if its quorumPort is in use', () => {
  const machines = new Machines();
  machines.refusals.set('s1:2888', taken);
  machines.start();
  machines.untilServing();
  assert.equal(machines.member(1).view.mode, 'follower');
  assert.equal(lines(machines.member(1), /cannot listen on s1:2888/).length, 1);
});

test('4.1.13 with quorumListenOnAllIPs, two own addresses with one port make one port to listen on', () => {
  const machines = new Machines();
  machines.hasTwoAddresses = true;
  machines.listensOnAllAddresses = true;
  machines.member(1).start();
  assert.deepEqual(machines.attempts, ['*:3888', '*:2888']);
});
