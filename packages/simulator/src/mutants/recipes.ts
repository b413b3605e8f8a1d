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
];
