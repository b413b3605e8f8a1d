import type { Mutant } from './table.js';

const replica = 'server/ensemble-replica.js';
const history = 'server/own-history.js';
const path = 'roles/learner-path.js';
const learner = 'zab/learner.js';
const proposals = 'zab/received-proposals.js';
const handler = 'zab/learner-handler.js';
const plan = 'zab/sync-plan.js';
const logged = 'zab/logged-difference.js';

/**
 * Mutants R-1 to R-22 (docs/spec/faults.md): faults of recovery and synchronisation that Apache ZooKeeper had, or still
 * has.
 */
export const recoveryMutants: readonly Mutant[] = [
  {
    id: 'R-1',
    undoes: 'a server applies its whole log before the next election',
    edits: [
      { file: replica, find: 'this.#learning?.applyLogged();', replace: '' },
      { file: replica, find: 'this.#leading?.applyLogged();', replace: '' },
    ],
  },
  {
    id: 'R-2',
    undoes: 'transactions before NEWLEADER are durable before its acknowledgement',
    edits: [
      { file: learner, find: 'this.#context.replica.makeDurable(() => {', replace: '((done) => done())(() => {' },
    ],
  },
  {
    id: 'R-3',
    undoes: 'the acknowledgement of NEWLEADER waits for the end of the disk sync, not for its start',
    edits: [
      {
        file: 'roles/learning.js',
        find: 'this.#awaitedDurable = { zxid, done };\n        log.flush();',
        replace: 'log.flush();\n        done();',
      },
    ],
  },
  {
    id: 'R-4',
    undoes: 'currentEpoch is written after the log',
    edits: [
      {
        file: learner,
        find: "this.stage = 'persisting';",
        replace: "this.stage = 'persisting';\n        this.#context.epochs.current = this.#epoch;",
      },
    ],
  },
  {
    id: 'R-5',
    undoes: 'currentEpoch is written after the log, and a term that ends in between completes the log',
    edits: [
      {
        file: learner,
        find: "this.stage = 'persisting';",
        replace: "this.stage = 'persisting';\n        this.#context.epochs.current = this.#epoch;",
      },
      {
        file: replica,
        find: 'parts.endService();\n        this.#cancelSettling = database.whenSettled(() => {',
        replace: 'parts.endService();\n        database.log.close();\n        ((done) => done())(() => {',
      },
      {
        file: replica,
        find: 'if (this.#ownHistory.isUnsaved)\n                this.#ownHistory.dropUnsaved();',
        replace: 'this.#ownHistory.dropUnsaved();\n            if (true) ;',
      },
    ],
  },
  {
    id: 'R-6',
    undoes: 'the acknowledgement of NEWLEADER comes before those of proposals, and a leader accepts any order',
    edits: [
      { file: learner, find: "if (this.stage === 'ready' || this.stage === 'serving')", replace: 'if (true)' },
      {
        file: handler,
        find: 'else if (zxid !== this.#master.epochZxid) {',
        replace:
          "else if (this.stage === 'newLeader') this.#master.resign('an acknowledgement of something else');\n        else if (zxid !== this.#master.epochZxid) {",
      },
    ],
  },
  {
    id: 'R-7',
    undoes: "a learner keeps proposals before NEWLEADER until each one's commit",
    edits: [
      {
        file: path,
        find: 'holdLog() {',
        replace:
          'forget() {\n        while (this.#uncommitted.length > 0) this.#uncommitted.shift();\n    }\n    holdLog() {',
      },
      {
        file: replica,
        find: 'makeDurable(done) {',
        replace: 'makeDurable(done) {\n        this.#learning.path.forget();',
      },
    ],
  },
  {
    id: 'R-8',
    undoes: 'when it acknowledges NEWLEADER, a learner has applied the transactions before it',
    edits: [
      {
        file: replica,
        find: 'commit(zxid) {\n        this.#learning.path.commit(zxid);',
        replace:
          'commit(zxid) {\n        if (!this.parts.clients.isServing && !this.#ownHistory.isUnsaved) return;\n        this.#learning.path.commit(zxid);',
      },
    ],
  },
  {
    id: 'R-9',
    undoes: 'the log is completely written before the next term',
    edits: [
      {
        file: replica,
        find: 'parts.endService();\n        this.#cancelSettling = database.whenSettled(() => {',
        replace: 'parts.endService();\n        ((done) => done())(() => {',
      },
    ],
  },
  {
    id: 'R-10',
    undoes: 'a learner keeps the transactions of its synchronisation for other learners, and detects a hole',
    edits: [
      {
        file: replica,
        find: 'this.history.add(zxid, bytes);\n                if (parts.clients.isServing)',
        replace:
          'if (parts.clients.isServing) this.history.add(zxid, bytes);\n                if (parts.clients.isServing)',
      },
      {
        file: 'zab/committed-log.js',
        find: 'if (last !== undefined && !follows(last, zxid)) {',
        replace: 'if (false) {',
      },
      { file: proposals, find: 'if (!follows(this.#lastZxid, zxid)) {', replace: 'if (false) {' },
    ],
  },
  {
    id: 'R-11',
    undoes: 'the label of a snapshot for a learner is the last applied zxid',
    edits: [
      {
        file: history,
        find: 'return { zxid: tree.lastZxid, encoder',
        replace: 'return { zxid: Math.max(tree.lastZxid, this.#parts.role?.writePath.lastProposedZxid ?? 0), encoder',
      },
    ],
  },
  {
    id: 'R-12',
    undoes: "a leader's snapshot that did not reach the disk is discarded at the end of the term",
    edits: [
      {
        file: history,
        find: 'this.#isUnsaved = false;\n        this.#replaceDatabase(() => this.#load());',
        replace: 'this.#isUnsaved = false;',
      },
      {
        file: replica,
        find: 'this.#ownHistory.dropUnsaved();',
        replace: 'this.#ownHistory.dropUnsaved();\n            if (false) ;',
      },
    ],
  },
  {
    id: 'R-13',
    undoes: 'a snapshot is durable before it gets its name',
    edits: [
      {
        file: 'storage/snapshot-writer.js',
        find: 'this.#file.syncAsync(this.#synced);',
        replace: 'this.#synced(undefined);',
      },
    ],
  },
  {
    id: 'R-14',
    undoes: 'transactions of another epoch are not truncated by comparing zxids',
    edits: [
      { file: plan, find: 'zxidEpoch(zxid) !== zxidEpoch(peerZxid) || index === 0', replace: 'index === 0' },
      {
        file: plan,
        find: 'if (peerZxid > max && zxidCounter(peerZxid) !== 0)',
        replace:
          "if (zxidEpoch(peerZxid) < zxidEpoch(lastProcessed) && peerZxid >= max)\n        return { kind: 'diff', zxid: peerZxid, from: log.length };\n    if (peerZxid > max && zxidCounter(peerZxid) !== 0)",
      },
    ],
  },
  {
    id: 'R-15',
    undoes: 'the log is truncated only where the files contain the history up to that point',
    edits: [
      { file: 'storage/truncate.js', find: 'if (base === undefined || base.zxid === zxid)', replace: 'if (true)' },
      { file: learner, find: 'if (replica.lastZxid !== zxid) {', replace: 'if (false) {' },
    ],
  },
  {
    id: 'R-18',
    undoes: 'a learner that lacks more than the leader remembers gets a snapshot',
    edits: [
      { file: plan, find: 'if (peerZxid >= min && peerZxid <= max)', replace: 'if (peerZxid <= max)' },
      { file: proposals, find: 'if (!follows(this.#lastZxid, zxid)) {', replace: 'if (false) {' },
    ],
  },
  {
    id: 'R-19',
    undoes: 'a failed truncation ends the server, and the next start completes it',
    edits: [
      {
        file: history,
        find: 'truncateAfter(ports.disk, config, zxid, logger);',
        replace: 'try { truncateAfter(ports.disk, config, zxid, logger); } catch {}',
      },
      { file: learner, find: 'if (replica.lastZxid !== zxid) {', replace: 'if (false) {' },
      { file: 'storage/recovery.js', find: 'finishTruncation(this.disk, this.options, this.logger);', replace: '' },
    ],
  },
  {
    id: 'R-20a',
    undoes: 'the end of a session deletes its ephemerals',
    edits: [
      {
        file: 'tree/apply-txn.js',
        find: 'for (const path of paths ?? [])\n            this.#delete(path);',
        replace: '',
      },
      { file: 'tree/apply-txn.js', find: 'this.killSession(this.#clientId());', replace: '' },
    ],
  },
  {
    id: 'R-20b',
    undoes: 'nothing is created for a session that is being closed',
    edits: [{ file: 'ops/preparation.js', find: 'if (session.closing)', replace: 'if (false)' }],
  },
  {
    id: 'R-21a',
    undoes: 'transactions that a learner has and the leader lacks are replaced',
    edits: [
      {
        file: plan,
        find: "|| index === 0)\n            return { kind: 'snap' };",
        replace: "|| index === 0)\n            return { kind: 'diff', zxid: max, from: index };",
      },
    ],
  },
  {
    id: 'R-21b',
    undoes: 'transactions that a learner has and the logs lack are replaced',
    edits: [{ file: logged, find: '&& zxidCounter(peerZxid) === 0', replace: '' }],
  },
  {
    id: 'R-22 (1)',
    undoes: 'a learner receives the proposals made after its synchronisation was computed',
    edits: [{ file: 'zab/broadcast.js', find: 'if (!learner.isObserver) {', replace: 'if (false) {' }],
  },
  {
    id: 'R-22 (2)',
    undoes: 'a duplicate proposal is dropped if a leader resends all uncommitted ones',
    edits: [
      {
        file: proposals,
        find: 'if (zxid <= this.#lastZxid)\n            return false;\n        if (!follows',
        replace: 'if (false && !follows',
      },
      {
        file: 'zab/leader.js',
        find: 'learner.upToDate();\n            this.acked',
        replace: 'this.#broadcast.startForwarding(learner);\n            learner.upToDate();\n            this.acked',
      },
    ],
  },
];
