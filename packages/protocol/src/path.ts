/**
 * Returns what is wrong with a path, in the words of ZooKeeper (spec 1.11, 6.6). Returns undefined for a legal znode
 * path.
 */
export function pathFault(path: string | null): string | undefined {
  if (path === null) return 'Path cannot be null';
  if (path.length === 0) return 'Path length must be > 0';
  if (path.charCodeAt(0) !== 47) return 'Path must start with / character';
  if (path.length === 1) return undefined;
  if (path.charCodeAt(path.length - 1) === 47) return 'Path must not end with / character';
  const reason = componentFault(path);
  return reason === undefined ? undefined : `Invalid path string "${path}" caused by ${reason}`;
}

function componentFault(path: string): string | undefined {
  let start = 1;
  for (let index = 1; index <= path.length; index++) {
    const unit = index < path.length ? path.charCodeAt(index) : 47;
    if (unit === 0) return `null character not allowed @${index}`;
    if (unit === 47) {
      const length = index - start;
      if (length === 0) return `empty node name specified @${index}`;
      if (length <= 2 && path.charCodeAt(start) === 46 && path.charCodeAt(index - 1) === 46) {
        return `relative paths not allowed @${index - 1}`;
      }
      start = index + 1;
    } else if (isForbidden(unit)) {
      return `invalid character @${index}`;
    }
  }
  return undefined;
}

function isForbidden(unit: number): boolean {
  if (unit > 0x1f && unit < 0x7f) return false;
  return unit <= 0x1f || (unit >= 0x7f && unit <= 0x9f) || (unit >= 0xd800 && unit <= 0xf8ff) || unit >= 0xfff0;
}

/** Returns the parent of a path: `/a` for `/a/b`, and `/` for `/a`. */
export function parentPath(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}
