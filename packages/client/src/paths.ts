import { pathFault } from '@nodekeeper/protocol';
import { type Call, checkOptions } from './calls.js';
import { shown } from './checks.js';
import { badArgument } from './errors.js';

/** Where a client's own root lies in the server's tree (inventory 7.5.6). */
export class Chroot {
  /** Empty, or a path without a slash at its end. */
  constructor(readonly prefix: string) {}

  /** Checks what a call was given, its options too, and gives the server's name of its path. */
  accept(call: Call, path: string, options: unknown): string {
    checkOptions(call, path, options);
    return this.toServer(call, path);
  }

  /** The server's name of a call's path. Throws a `ZooKeeperError` for a path that no node can have. */
  toServer(call: Call, path: string, isSequential = false): string {
    if (typeof path !== 'string') throw badArgument(call.op, undefined, `path must be a string, got ${shown(path)}`);
    // the server appends the number before it looks, so "/a/" is a good beginning
    const fault = pathFault(isSequential ? `${path}1` : path);
    if (fault !== undefined) throw badArgument(call.op, path, fault);
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
