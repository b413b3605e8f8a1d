interface Branch<Value> {
  /** From the branch above to here: names parted by slashes. */
  label: string;
  value: Value | undefined;
  /** By the first name of their labels. */
  readonly branches: Map<string, Branch<Value>>;
}

/**
 * Values at legal paths, all those at a path and above it found in one pass over its letters. Names in a row without a value
 * share a branch, so that a long path takes no more room than a short one.
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

  /** Calls `each` for the value of the root, then of each path below it down to `path`; `length` is that path's. */
  visit(path: string, each: (value: Value, length: number) => void): void {
    let branch: Branch<Value> | undefined = this.#root;
    for (let at = 1; ; at++) {
      if (branch.value !== undefined) each(branch.value, Math.max(1, at - 1));
      if (at >= path.length) return;
      branch = branch.branches.get(nameAt(path, at));
      if (branch === undefined || !isAt(path, at, branch.label)) return;
      at += branch.label.length;
    }
  }

  delete(path: string): void {
    const way = [this.#root];
    for (let at = 1; at < path.length; ) {
      const branch = way[way.length - 1].branches.get(nameAt(path, at));
      if (branch === undefined || !isAt(path, at, branch.label)) return;
      way.push(branch);
      at += branch.label.length + 1;
    }
    way[way.length - 1].value = undefined;
    for (let depth = way.length - 1; depth > 0; depth--) {
      const branch = way[depth];
      if (branch.value !== undefined || branch.branches.size > 0) return;
      way[depth - 1].branches.delete(nameAt(branch.label, 0));
    }
  }

  #branchFor(path: string): Branch<Value> {
    let above = this.#root;
    for (let at = 1; at < path.length; ) {
      const name = nameAt(path, at);
      const known = above.branches.get(name);
      const branch = known === undefined ? newBranch<Value>(path.slice(at)) : split(known, path, at);
      if (branch !== known) above.branches.set(name, branch);
      at += branch.label.length + 1;
      above = branch;
    }
    return above;
  }
}

const slash = 47;

function newBranch<Value>(label: string): Branch<Value> {
  return { label, value: undefined, branches: new Map() };
}

function nameAt(path: string, at: number): string {
  const end = path.indexOf('/', at);
  return end < 0 ? path.slice(at) : path.slice(at, end);
}

/** The whole names of `label` are the path's from `at` on. */
function isAt(path: string, at: number, label: string): boolean {
  const end = at + label.length;
  return path.startsWith(label, at) && (end === path.length || path.charCodeAt(end) === slash);
}

/** The part of a branch that it has in common with the path from `at` on: the branch itself, or a new one above it. */
function split<Value>(branch: Branch<Value>, path: string, at: number): Branch<Value> {
  const length = commonLength(branch.label, path, at);
  if (length === branch.label.length) return branch;
  const upper = newBranch<Value>(branch.label.slice(0, length));
  branch.label = branch.label.slice(length + 1);
  upper.branches.set(nameAt(branch.label, 0), branch);
  return upper;
}

/** Of whole names. */
function commonLength(label: string, path: string, at: number): number {
  let end = 0;
  for (let index = 0; index <= label.length; index++) {
    const isEnd = index === label.length || label.charCodeAt(index) === slash;
    const isPathEnd = at + index >= path.length || path.charCodeAt(at + index) === slash;
    if (isEnd && isPathEnd) end = index;
    if (isEnd !== isPathEnd || (!isEnd && label.charCodeAt(index) !== path.charCodeAt(at + index))) return end;
    if (index === label.length || at + index >= path.length) return end;
  }
  return end;
}
