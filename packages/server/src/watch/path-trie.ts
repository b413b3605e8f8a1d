interface Branch<Value> {
  /** The names on the way from the parent branch to this branch, each with its leading slash. */
  label: string;
  value: Value | undefined;
  /** The branches below this branch. The key is the first name of the label. */
  readonly branches: Map<string, Branch<Value>>;
}

/**
 * Maps valid paths to values. One pass over a path finds the values of the path and of all its ancestors. Consecutive
 * names without a value share a branch, so a path with many names needs no more branches than a short path.
 */
export class PathTrie<Value> {
  readonly #root: Branch<Value> = newBranch('');

  set(path: string, value: Value): void {
    this.#branchFor(path).value = value;
  }

  get(path: string): Value | undefined {
    let found: Value | undefined;
    this.visit(path, (value, length) => {
      if (length === path.length) found = value;
    });
    return found;
  }

  /**
   * Calls `each` for every value on the way from the root down to `path`. `length` is the length of the path to which
   * the value belongs.
   */
  visit(path: string, each: (value: Value, length: number) => void): void {
    if (this.#root.value !== undefined) each(this.#root.value, 1);
    let above = this.#root;
    for (let at = startOf(path); at < path.length; ) {
      const branch = above.branches.get(nameAt(path, at));
      if (branch === undefined || !isAt(path, at, branch.label)) return;
      at += branch.label.length;
      if (branch.value !== undefined) each(branch.value, at);
      above = branch;
    }
  }

  delete(path: string): void {
    const way: { readonly above: Branch<Value>; readonly branch: Branch<Value> }[] = [];
    let last = this.#root;
    for (let at = startOf(path); at < path.length; ) {
      const branch = last.branches.get(nameAt(path, at));
      if (branch === undefined || !isAt(path, at, branch.label)) return;
      way.push({ above: last, branch });
      last = branch;
      at += branch.label.length;
    }
    last.value = undefined;
    for (const { above, branch } of way.reverse()) {
      if (branch.value !== undefined || branch.branches.size > 0) return;
      above.branches.delete(nameAt(branch.label, 0));
    }
  }

  #branchFor(path: string): Branch<Value> {
    let above = this.#root;
    for (let at = startOf(path); at < path.length; ) {
      const name = nameAt(path, at);
      const known = above.branches.get(name);
      const branch = known === undefined ? newBranch<Value>(path.slice(at)) : split(known, path, at);
      if (branch !== known) above.branches.set(name, branch);
      at += branch.label.length;
      above = branch;
    }
    return above;
  }
}

const slash = 47;

function newBranch<Value>(label: string): Branch<Value> {
  return { label, value: undefined, branches: new Map() };
}

/**
 * The index of the slash before the first name of a path. For the root, which has no name, this is the end of the path.
 */
function startOf(path: string): number {
  return path === '/' ? 1 : 0;
}

/**
 * Returns the slash at `at` and the name after it. The slash is included because V8 hashes a purely numeric string
 * without a secret seed, so a client could choose numbers with the same hash.
 */
function nameAt(path: string, at: number): string {
  const end = path.indexOf('/', at + 1);
  return end < 0 ? path.slice(at) : path.slice(at, end);
}

/** True if the path continues at `at` with exactly the names of `label`. */
function isAt(path: string, at: number, label: string): boolean {
  const end = at + label.length;
  return path.startsWith(label, at) && (end === path.length || path.charCodeAt(end) === slash);
}

/**
 * Returns a branch for the names that the label of `branch` and the path from `at` have in common. The result is
 * `branch` itself or a new parent of `branch`. For example, the label `/a/b` and the path `/a/c` have `/a` in common. A
 * new branch `/a` then becomes the parent of the branch `/b`.
 */
function split<Value>(branch: Branch<Value>, path: string, at: number): Branch<Value> {
  const length = commonLength(branch.label, path, at);
  if (length === branch.label.length) return branch;
  const upper = newBranch<Value>(branch.label.slice(0, length));
  branch.label = branch.label.slice(length);
  upper.branches.set(nameAt(branch.label, 0), branch);
  return upper;
}

/** The length of the prefix that `label` and the path from `at` have in common, in whole names. */
function commonLength(label: string, path: string, at: number): number {
  let length = 0;
  while (length < label.length) {
    const name = nameAt(label, length);
    if (!isAt(path, at + length, name)) break;
    length += name.length;
  }
  return length;
}
