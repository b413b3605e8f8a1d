import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ActiveConfig, createMember, EnsembleConfig } from '../../src/membership/index.js';
import type { QuorumVerifier } from '../../src/membership/quorum-verifier.js';
import { Proposals } from '../../src/zab/proposals.js';
import { arbitraryGroups } from '../membership/arbitraries.js';

function configOf(version: number, voters: readonly number[], groups: EnsembleConfig['groups'] = null): EnsembleConfig {
  const member = (id: number) => createMember(id, [{ host: `s${id}`, quorumPort: 1, electionPort: 2 }]);
  return new EnsembleConfig(voters.map(member), groups, version);
}

/** The proposals of a leader, whose zxids start at 1. The test can change the configuration. */
class Term {
  readonly config: ActiveConfig;
  readonly proposals: Proposals;
  proposed = 0;
  /** The zxid of the last committed proposal. */
  committed = 0;
  #reconfiguration = 0;

  constructor(config: EnsembleConfig) {
    this.config = new ActiveConfig(config);
    this.proposals = new Proposals(this.config);
  }

  propose(): void {
    this.proposals.add(++this.proposed, Buffer.from('txn'));
  }

  /** Proposes a different configuration. The configuration applies as soon as its proposal is committed. */
  reconfigure(config: EnsembleConfig): void {
    this.config.propose(config);
    this.propose();
    this.#reconfiguration = this.proposed;
  }

  /** A server acknowledges that it has logged all proposals up to this zxid. */
  ack(serverId: number, zxid: number): void {
    if (this.proposals.isVoter(serverId)) this.proposals.acked(serverId, zxid);
    for (const taken of this.proposals.takeCommitted()) {
      assert.equal(taken.zxid, ++this.committed, 'in order');
      if (taken.zxid === this.#reconfiguration) this.config.commit(this.config.proposed!);
    }
  }
}

test('a proposal before a reconfiguration needs a quorum of the old configuration only', () => {
  const term = new Term(configOf(1, [1, 2, 3]));
  term.propose();
  term.reconfigure(configOf(2, [3, 4, 5]));
  term.propose();
  for (const id of [1, 2]) term.ack(id, 3);
  assert.equal(term.committed, 1);
});

test('a reconfiguration, and each proposal until its commit, needs a quorum of each configuration', () => {
  const term = new Term(configOf(1, [1, 2, 3]));
  term.reconfigure(configOf(2, [3, 4, 5]));
  term.propose();
  for (const id of [3, 4, 5]) term.ack(id, 2);
  assert.equal(term.committed, 0, 'a quorum of the new configuration only');
  term.ack(1, 1);
  assert.equal(term.committed, 1);
  assert.equal(term.config.isVoter(1), false, 'the new configuration is committed');
  term.ack(4, 2);
  assert.equal(term.committed, 1, 'a quorum of the new configuration is not enough for an earlier proposal');
  term.ack(1, 2);
  assert.equal(term.committed, 2, 'a removed server still counts for it');
});

test('a proposal after the commit of a reconfiguration needs a quorum of the new configuration only', () => {
  const term = new Term(configOf(1, [1, 2, 3]));
  term.reconfigure(configOf(2, [3, 4, 5]));
  for (const id of [1, 3, 4]) term.ack(id, 1);
  term.propose();
  for (const id of [1, 2]) term.ack(id, 2);
  assert.equal(term.committed, 1);
  for (const id of [4, 5]) term.ack(id, 2);
  assert.equal(term.committed, 2);
});

test('the acknowledgement of a server without a vote is not counted', () => {
  const term = new Term(configOf(1, [1, 2, 3]));
  term.propose();
  for (const id of [1, 4, 5, 6]) term.ack(id, 1);
  assert.equal(term.committed, 0);
  assert.equal(term.proposals.isVoter(4), false);
});

const servers = [1, 2, 3, 4, 5, 6];

/** Generates a configuration in which some of the servers are voters, with majorities or with weighted groups. */
const anyConfig = fc
  .subarray(servers, { minLength: 1 })
  .chain((voters) =>
    fc.option(arbitraryGroups(voters)).map((groups) => (version: number) => configOf(version, voters, groups)),
  );
const anyStep = fc.oneof(
  { weight: 2, arbitrary: fc.constant('propose' as const) },
  { weight: 1, arbitrary: anyConfig },
  {
    weight: 8,
    arbitrary: fc.record({ serverId: fc.constantFrom(...servers), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
);

test('each proposal is committed in order, as soon as a quorum of each of its configurations has it', () => {
  fc.assert(
    fc.property(anyConfig, fc.array(anyStep, { maxLength: 60 }), (first, steps) => {
      const term = new Term(first(1));
      const acked = new Map<number, number>();
      /** For each proposal, the quorum rules of the configurations that must accept the proposal. */
      const needed: QuorumVerifier[][] = [];
      let expected = 0;
      let version = 1;
      for (const step of steps) {
        if (typeof step === 'function') {
          if (term.config.proposed !== undefined) continue;
          term.reconfigure(step(++version));
        } else if (step === 'propose') {
          term.propose();
        } else {
          const zxid = Math.round(step.share * term.proposed);
          acked.set(step.serverId, Math.max(zxid, acked.get(step.serverId) ?? 0));
          term.ack(step.serverId, zxid);
        }
        const { committed, proposed } = term.config;
        if (needed.length < term.proposed) {
          needed.push([committed.verifier, ...(proposed === undefined ? [] : [proposed.verifier])]);
        }
        const has = (zxid: number) => new Set(servers.filter((id) => (acked.get(id) ?? 0) >= zxid));
        while (expected < needed.length && needed[expected]!.every((each) => each.containsQuorum(has(expected + 1)))) {
          expected++;
        }
        assert.equal(term.committed, expected);
      }
    }),
    { numRuns: 300 },
  );
});
