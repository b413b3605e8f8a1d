import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../src/log/logger.js';
import { RecurringTrouble } from '../../src/zab/recurring-trouble.js';
import { TestEnsemble, type TestMember } from '../support/test-ensemble.js';

const lines = ({ logged }: TestMember, pattern: RegExp) => logged.filter((line) => pattern.test(line));

test('a server logs an unreachable peer at once with the reason, then once a minute, and again when it is reachable', () => {
  const ensemble = new TestEnsemble(3);
  const one = ensemble.member(1);
  one.start();
  ensemble.advance(100);
  const first = 'WARN Server 2 cannot be reached at s2:3888, its electionPort: connection refused';
  assert.deepEqual(lines(one, /Server 2 cannot/), [first]);
  assert.equal(lines(one, /Server 3 cannot/).length, 1);
  ensemble.advance(150_000);
  const told = lines(one, /Server 2 cannot/);
  assert.equal(told.length, 3);
  assert.match(told[2]!, /connection refused \(\d+ times in 1[2-4]\d s\)$/);
  ensemble.start();
  ensemble.untilServing();
  assert.equal(lines(one, /^INFO Server 2 is reachable again, after \d+ failures in 15\d s$/).length, 1);
});

test('a server without a leader logs once a minute whose votes are missing', () => {
  const ensemble = new TestEnsemble(5);
  const one = ensemble.member(1);
  one.start();
  ensemble.member(4).start();
  ensemble.advance(125_000);
  assert.deepEqual(lines(one, /No leader/), [
    'WARN No leader for 60 s: no vote was received from server 2, 3, 5',
    'WARN No leader for 120 s: no vote was received from server 2, 3, 5',
  ]);
  ensemble.start();
  ensemble.untilServing();
  ensemble.advance(100_000);
  assert.equal(lines(one, /No leader/).length, 2);
});

test('a server logs that it serves, with its role, its leader and how it was synchronised', () => {
  const ensemble = new TestEnsemble(4, { observers: [4] });
  ensemble.start();
  const leader = ensemble.untilServing();
  assert.match(leader.logged.join('\n'), /INFO Serving as the leader of epoch 1, with servers? \d/);
  for (const member of ensemble.members) {
    if (member === leader) continue;
    const role = member.id === 4 ? 'an observer' : 'a follower';
    const line = new RegExp(
      `^INFO Serving as ${role} of server ${leader.id} in epoch 1: synchronised with (DIFF|SNAP) in \\d+ ms$`,
      'm',
    );
    assert.match(member.logged.join('\n'), line);
  }
});

test('a learner logs its failure to connect to the leader once, with the address', () => {
  const ensemble = new TestEnsemble(3);
  const networkOf = ensemble.peers.networkOf.bind(ensemble.peers);
  ensemble.peers.networkOf = (name) => {
    const network = networkOf(name);
    if (name === 's3') return network;
    return {
      ...network,
      dial: (address, connected, failed) => {
        if (address.port !== 2888) return network.dial(address, connected, failed);
        // a dial to the quorum port of server 3 never gets an answer
        return () => {};
      },
    };
  };
  ensemble.start();
  ensemble.advance(60_000);
  const one = ensemble.member(1);
  assert.deepEqual(lines(one, /term is over/), [
    'WARN The term is over: no connection with the leader, server 3, at s3:2888 in 2000 ms',
  ]);
  assert(lines(one, /^INFO (LOOKING|FOLLOWING)/).length <= 6, ensemble.story());
});

test('a recurring failure is logged at once with each new reason, and after that once a minute', () => {
  const told: string[] = [];
  const line = (message: string) => void told.push(message);
  const trouble = new RecurringTrouble({ ...silentLogger, warn: line, info: line }, 'It works');
  trouble.over(0);
  for (let nowMs = 0; nowMs < 61_000; nowMs += 1000) trouble.happened(nowMs % 2000 === 0 ? 'a' : 'b', nowMs);
  trouble.over(61_000);
  trouble.happened('a', 62_000);
  trouble.over(63_000);
  assert.deepEqual(told, [
    'a',
    'b (2 times in 1 s)',
    'a (61 times in 60 s)',
    'It works, after 61 failures in 61 s',
    'a',
    'It works, after a failure',
  ]);
});
