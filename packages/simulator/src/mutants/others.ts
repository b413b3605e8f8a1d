import type { Mutant } from './table.js';

/**
 * Mutants of storage, of the election, and of the consistency that clients see. Each brings back a fault of ZooKeeper
 * (docs/spec/faults.md). The mutants Z-n instead bring back faults that only nodekeeper could have.
 */
export const otherMutants: readonly Mutant[] = [
  {
    id: 'S-7',
    undoes: 'a server starts again after a crash between log and epoch file',
    edits: [
      {
        file: 'zab/epochs.js',
        find: 'if (epochOfLog > this.#current)',
        replace:
          "if (epochOfLog > this.#current) throw new Error('the log is ahead of currentEpoch');\n        if (false)",
      },
    ],
  },
  {
    id: 'S-6',
    undoes: 'a start without a snapshot takes one, even if the server trusts its logs',
    edits: [
      {
        file: 'server/own-history.js',
        find: 'this.#lacksSnapshot = snapshotZxid < 0;',
        replace: 'this.#lacksSnapshot = database.recovered.firstStart;',
      },
    ],
  },
  {
    id: 'L-8',
    undoes: 'the candidate that has seen the later epoch wins, and a server that lacks transactions does not lead',
    edits: [
      {
        file: 'zab/vote.js',
        find: 'return one.peerEpoch > other.peerEpoch;',
        replace: 'return one.leader > other.leader;',
      },
      { file: 'zab/vote.js', find: 'return one.zxid > other.zxid;', replace: 'return one.leader > other.leader;' },
      { file: 'zab/discovery.js', find: 'if (isAhead) {', replace: 'if (false) {' },
    ],
  },
  {
    id: 'C-1',
    undoes: 'a leader answers a sync only after a quorum has confirmed it',
    edits: [
      { file: 'zab/sync-queue.js', find: 'round > this.#round || !this.#isConfirmed(round)', replace: 'false' },
      {
        file: 'zab/broadcast.js',
        find: 'if (this.#isPingDue)',
        replace: 'this.#syncs.confirmed();\n        if (this.#isPingDue || this.#syncs.length === 0)',
      },
    ],
  },
  {
    id: 'Z-5',
    undoes: 'a server does not accept a client that has seen a later zxid',
    edits: [
      {
        file: 'clients/handshake.js',
        find: 'if (request.lastZxidSeen > lastZxid) {',
        replace: 'if (false) {',
      },
    ],
  },
  {
    id: 'Z-1',
    undoes: 'a commit needs a quorum',
    edits: [{ file: 'zab/ack-progress.js', find: 'if (quorums.containsQuorum(this.#holders))', replace: 'if (true)' }],
  },
  {
    id: 'Z-2',
    undoes: 'an acknowledged proposal is durable',
    edits: [
      {
        file: 'storage/txn-log.js',
        find: 'if (this.options.forceSync)\n                file.writeAndSync',
        replace: 'if (false)\n                file.writeAndSync',
      },
    ],
  },
  {
    id: 'Z-3',
    undoes: 'acceptedEpoch is durable before the promise is sent',
    edits: [
      {
        file: 'zab/learner.js',
        find: 'if (this.#epoch > epochs.accepted)\n            epochs.accepted = this.#epoch;',
        replace:
          'if (this.#epoch > epochs.accepted)\n            this.#context.nextTurn(() => this.#context.nextTurn(() => { epochs.accepted = this.#epoch; }));',
      },
    ],
  },
  {
    id: 'Z-4',
    undoes: 'a request through a server that the client has left is refused',
    edits: [{ file: 'ops/preparation.js', find: 'if (session.owner !== undefined)', replace: 'if (false)' }],
  },
  {
    id: 'Z-11',
    undoes: 'a learner knows which transactions result from its own requests',
    edits: [
      {
        file: 'roles/forwarded-request.js',
        find: 'return (serverId << xidBits) | (xid & ((1 << xidBits) - 1));',
        replace: 'return xid;',
      },
      {
        file: 'roles/forwarded-request.js',
        find: '&& (outcome === type || outcome === OpCode.error)',
        replace: '',
      },
    ],
  },
  {
    id: 'Z-12',
    undoes: 'a multi through a server that the client has left closes the connection',
    edits: [
      {
        file: 'tree/apply-txn.js',
        find: 'return isMoved ? ErrorCode.SESSIONMOVED : ErrorCode.OK;',
        replace: 'return ErrorCode.OK;',
      },
    ],
  },
  {
    id: 'Z-13',
    undoes: 'the leader drops a follower whose disk hangs',
    edits: [
      {
        file: 'zab/learners.js',
        find: "stage === 'serving' && nowMs - owed.sinceMs > limitMs",
        replace: 'false',
      },
    ],
  },
  {
    id: 'Z-6',
    undoes: 'a reply waits for the earlier writes of the connection',
    edits: [
      {
        file: 'clients/intake.js',
        find: 'else if (client.lane.length === 0)',
        replace: 'else if (true)',
      },
    ],
  },
  {
    id: 'Z-7',
    undoes: 'a leader that has lost its quorum steps down',
    edits: [{ file: 'zab/leader.js', find: 'if (!config.isQuorum(synced)) {', replace: 'if (false) {' }],
  },
  {
    id: 'Z-9',
    undoes: "a member that has accepted a later epoch than the leader's joins with one election",
    edits: [
      {
        file: 'zab/discovery.js',
        find: 'if (config.isVoter(from) && (vote.leader !== from || beats(vote, ours)))',
        replace: 'if (true)',
      },
    ],
  },
  {
    id: 'Z-8',
    undoes: "a learner's clients keep their sessions alive at the leader",
    edits: [{ file: 'zab/leader.js', find: 'this.replica.touch(touch);', replace: ';' }],
  },
  {
    id: 'Z-10',
    undoes:
      'a learner is not synchronised across a hole in the logs between two epochs, and its tree detects it if it is',
    edits: [
      {
        file: 'zab/logged-difference.js',
        find: '&& !this.#walk.isSnapshotBetween(previous, zxid)',
        replace: '',
      },
      { file: 'roles/learner-path.js', find: 'if (mismatch === undefined)', replace: 'if (true)' },
    ],
  },
  {
    id: 'Z-20',
    undoes: 'an accepted epoch that another server claims is believed only if it is possible',
    edits: [
      {
        file: 'zab/epoch-promises.js',
        find: 'if (!this.#config.isMember(serverId) || acceptedEpoch <= own + aheadMax)',
        replace: 'if (true)',
      },
      {
        file: 'zab/epoch-promises.js',
        find: 'if (this.#chosen === undefined && acceptedEpoch > this.#own + nearEpochs)',
        replace: 'if (false)',
      },
    ],
  },
  {
    id: 'Z-21',
    undoes: 'a server does not adopt a configuration from a single vote',
    edits: [{ file: 'zab/peer-configs.js', find: 'present.verifier.containsQuorum(senders)', replace: 'true' }],
  },
  {
    id: 'Z-22',
    undoes: 'a transaction is decoded before it is logged',
    edits: [{ file: 'roles/learner-path.js', find: 'checkTxn(bytes, zxid);', replace: '' }],
  },
  {
    id: 'Z-23',
    undoes: 'a session is refused only after its close is committed',
    edits: [{ file: 'roles/deciding.js', find: 'session.whenEnded(endedInThisTerm);', replace: 'ended();' }],
  },
  {
    id: 'Z-24',
    undoes: 'a leader refuses an unknown session only when a quorum has confirmed the leader',
    edits: [{ file: 'roles/deciding.js', find: 'this.whenConfirmed(endedInThisTerm);', replace: 'endedInThisTerm();' }],
  },
];
