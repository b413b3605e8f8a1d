import type { Edit, Mutant } from './table.js';

function recipe(id: string, name: string, undoes: string, ...edits: Edit[]): Mutant {
  return { id, undoes, package: 'recipes', recipe: name, edits };
}

/** The mutants RC-n. Each removes the code that keeps one promise of the recipes. */
export const recipeMutants: readonly Mutant[] = [
  recipe('RC-1', 'Lock', 'a release wakes only the next client', {
    file: 'line/waiting-line.js',
    find: 'entries[own - 1];',
    replace: '(own === 0 ? undefined : entries[0]);',
  }),
  recipe('RC-2', 'Lock', 'a client that was woken looks at the line again', {
    file: 'line/waiting-line.js',
    find: 'await this.#untilChanged(call, childOf(this.caller.path, before.name), ticket);',
    replace:
      "await this.#untilChanged(call, childOf(this.caller.path, before.name), ticket);\n            return 'turn';",
  }),
  recipe('RC-3', 'Lock', 'after a lost reply, a client looks for its node before it creates another one', {
    file: 'line/ticket.js',
    find: 'mayExist ||=',
    replace: 'mayExist &&=',
  }),
  recipe('RC-4', 'Lock', 'a hold is in doubt when its session is', {
    file: 'locks/hold.js',
    find: 'SessionGuard.of(caller.zk).depend(policy, doubt, sessionId)',
    replace: '() => {}',
  }),
  recipe('RC-5', 'Lock', 'a client doubts its session before the servers end it', {
    file: 'foundation/session-guard.js',
    find: 'const certainShare = 3 / 4;',
    replace: 'const certainShare = 4 / 3;',
  }),
  recipe('RC-6', 'Lock', 'the token grows when the directory is created again', {
    file: 'line/ticket.js',
    find: 'return { path, name, czxid,',
    replace: 'return { path, name, czxid: Number(path.slice(-10)),',
  }),
  recipe('RC-7', 'Lock', 'a waiting client joins again after its session was renewed', {
    file: 'line/waiting-line.js',
    find: 'if (!isRenewed(this.caller.zk, error))',
    replace: 'if (true)',
  }),
  recipe('RC-8', 'Lock', 'the deletion of a node is repeated until a server has answered', {
    file: 'foundation/guaranteed-delete.js',
    find: 'if (!isLost)',
    replace: 'if (true)',
  }),
  recipe(
    'RC-9',
    'Lock',
    'a node gives a hold only in the session that created it',
    {
      file: 'line/waiting-line.js',
      find: 'if (this.caller.zk.session.id !== ticket.sessionId)',
      replace: 'if (false)',
    },
    { file: 'locks/hold.js', find: 'depend(policy, doubt, sessionId)', replace: 'depend(policy, doubt)' },
  ),
  recipe('RC-10', 'ReadWriteLock', 'a reader waits for the nearest writer before it', {
    file: 'locks/read-write-lock.js',
    find: 'entries.slice(0, own).findLast(({ marker }) => marker === write)',
    replace: 'undefined',
  }),
  recipe('RC-11', 'ReadWriteLock', 'a writer waits for the readers before it', {
    file: 'locks/read-write-lock.js',
    find: 'new WriteLock(lineOf(write), firstOnly,',
    replace: 'new WriteLock(lineOf(write), nearestWriter,',
  }),
  recipe(
    'RC-12',
    'ReadWriteLock',
    'after a downgrade, the reader has the place of the writer',
    {
      file: 'locks/read-lock.js',
      find: `{ mode: 'EPHEMERAL',`,
      replace: `{ mode: 'EPHEMERAL_SEQUENTIAL',`,
    },
    {
      file: 'locks/read-lock.js',
      find: 'prefix + marker + digits',
      replace: 'prefix + marker',
    },
  ),
  recipe('RC-13', 'Semaphore', 'no more permits are taken than are free', {
    file: 'locks/lease-pool.js',
    find: 'leases.length + permits <= total',
    replace: 'leases.length + permits <= total + 1',
  }),
  recipe('RC-14', 'LeaderLatch', 'a leader that loses its hold leads no more', {
    file: 'leadership/term.js',
    find: 'onAbort(hold.signal, () => this.end(hold.signal.reason))',
    replace: '() => {}',
  }),
  recipe('RC-15', 'LeaderLatch', 'after a term, the latch stands for election again', {
    file: 'leadership/leader-latch.js',
    find: 'while (!this.#closing.signal.aborted)',
    replace: 'if (!this.#closing.signal.aborted)',
  }),
  recipe('RC-16', 'LeaderElection', 'the leadership ends after the work has ended', {
    file: 'leadership/leader-election.js',
    find: 'const result = await work(',
    replace: 'const result = work(',
  }),
  recipe('RC-17', 'AtomicLong', 'after a lost reply, a client looks before it repeats a write', {
    file: 'foundation/write-once.js',
    find: 'if (this.#unknownIn !== undefined && (await this.#isDone(limits)))',
    replace: 'this.#unknownIn = undefined;\n                if (false)',
  }),
  recipe('RC-18', 'AtomicLong', 'a change is made only to the value that was read', {
    file: 'foundation/versioned-node.js',
    find: 'transaction.set(path, data, { version })',
    replace: 'transaction.set(path, data)',
  }),
  recipe('RC-19', 'IdBlocks', 'a block of ids whose reservation is in doubt is not used', {
    file: 'ids/id-blocks.js',
    find: `state !== 'AUTH_FAILED')
                return false;`,
    replace: `state !== 'AUTH_FAILED')
                return true;`,
  }),
  recipe('RC-20', 'SharedCount', 'a value that was seen is not told again', {
    file: 'counters/shared.js',
    find: ' || content.mzxid <= this.#seenZxid',
    replace: '',
  }),
  recipe('RC-21', 'SharedCount', 'a read that fails after a write is no failure of the write', {
    file: 'counters/shared.js',
    find: `catch {
            void this.#follow();
        }`,
    replace: 'finally { }',
  }),
  recipe('RC-22', 'Queue', 'an item is deleted when it is taken', {
    file: 'queues/base-queue.js',
    find: '? transaction.delete(path, { version })',
    replace: '? transaction.check(path)',
  }),
  recipe('RC-23', 'DoubleBarrier', 'a double barrier opens when all members have come', {
    file: 'barriers/double-barrier.js',
    find: 'if (others.length + 1 < this.#memberCount)',
    replace: 'if (others.length + 2 < this.#memberCount)',
  }),
  recipe('RC-24', 'LockingQueue', 'only the holder of an item removes it', {
    file: 'queues/held-item.js',
    find: 'while (await isStanding(zk, this.claim))',
    replace: 'while (true)',
  }),
  recipe('RC-25', 'TreeCache', 'a cache reads again what it may have missed', {
    file: 'caches/mirror.js',
    find: `this.#refresh();
        else`,
    replace: `{ }
        else`,
  }),
  recipe('RC-26', 'DataWatch', 'a watch waits for a node that does not exist', {
    file: 'caches/state-watch.js',
    find: 'if ((await zk.exists(path, { watch: this.#onEvent })) === null)',
    replace: 'if ((await zk.exists(path)) === null)',
  }),
  recipe('RC-27', 'Queue', 'an item is returned if its caller has stopped waiting', {
    file: 'foundation/write-once.js',
    find: 'void this.#undo(undo).finally(() => this.#deleteMarker());',
    replace: 'this.#deleteMarker();',
  }),
  recipe('RC-28', 'ConfigCenter', 'a configuration reads all keys at one moment', {
    file: 'config/config-center.js',
    find: 'const outcomes = await reads.run();',
    replace: `const outcomes = [];
        for (const { path } of keys)
            outcomes.push(...(await this.#caller.zk.multiRead().get(path).run()));`,
  }),
  recipe('RC-29', 'ServiceProvider', 'a registry knows in which session it has created a node', {
    file: 'discovery/registration.js',
    find: 'this.#sessions.add(stat.ephemeralOwner);',
    replace: ';',
  }),
];
