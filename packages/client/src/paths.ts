import { pathFault } from '@nodekeeper/protocol';
import { ZooKeeperError } from './errors.js';

/** Where a client's own root lies in the server's tree (inventory 7.5.6). */
export class Chroot {
  /** Empty, or a path without a slash at its end. */
  constructor(readonly prefix: string) {}

  /** The server's name of the client's path. Throws a `ZooKeeperError` for a path that no node can have. */
  toServer(op: string, path: string, isSequential = false): string {
    // the server appends the number before it looks, so "/a/" is a good beginning
    const fault = typeof path === 'string' ? pathFault(isSequential ? `${path}1` : path) : 'Path must be a string';
    if (fault !== undefined) throw badArgument(op, path, fault);
    if (this.prefix === '') return path;
    return path === '/' ? this.prefix : this.prefix + path;
  }

  /** The client's name of a server's path; one outside of the chroot stays as it is. */
  toClient(path: string): string {
    const { prefix } = this;
    if (prefix === '' || !path.startsWith(prefix)) return path;
    if (path.length === prefix.length) return '/';
    return path.charCodeAt(prefix.length) === 47 ? path.slice(prefix.length) : path;
  }
}

export function badArgument(op: string, path: string | undefined, detail: string): ZooKeeperError {
  return new ZooKeeperError({ code: 'BADARGUMENTS', outcome: 'not-sent', detail }, op, path);
}
