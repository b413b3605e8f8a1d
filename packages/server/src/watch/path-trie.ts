interface Branch<Value> {
  /** The names between the parent branch and this one, each with its leading slash. */
  label: string;
  value: Value | undefined;
  /** Branches by the first name of their labels. */
  readonly branches: Map<string, Branch<Value>>;
}

/**
 * Maps legal paths to values. One pass over a path finds the values of the path and all its ancestors. Consecutive
 * names without a value share a branch, so that a long path costs no more than a short one.
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
   * Calls `each` for the value of the root, then of each path from there down to `path`. `length` is the length of that
   * path.
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

/** The root has no name. */
function startOf(path: string): number {
  return path === '/' ? 1 : 0;
}

/**
 * The slash at `at` and the name after it. The slash is included because V8 hashes a string without a secret if it is a
 * number.
 */
function nameAt(path: string, at: number): string {
  const end = path.indexOf('/', at + 1);
  return end < 0 ? path.slice(at) : path.slice(at, end);
}

/** Whether the path continues at `at` with exactly the names of `label`. */
function isAt(path: string, at: number, label: string): boolean {
  const end = at + label.length;
  return path.startsWith(label, at) && (end === path.length || path.charCodeAt(end) === slash);
}

/** The common part of a branch and the path from `at`: the branch itself, or a new parent of it. */
function split<Value>(branch: Branch<Value>, path: string, at: number): Branch<Value> {
  const length = commonLength(branch.label, path, at);
  if (length === branch.label.length) return branch;
  const upper = newBranch<Value>(branch.label.slice(0, length));
  branch.label = branch.label.slice(length);
  upper.branches.set(nameAt(branch.label, 0), branch);
  return upper;
}

/** Counts whole names only. */
function commonLength(label: string, path: string, at: number): number {
  let length = 0;
  while (length < label.length) {
    const name = nameAt(label, length);
    if (!isAt(path, at + length, name)) break;
    length += name.length;
  }
  return length;
}
