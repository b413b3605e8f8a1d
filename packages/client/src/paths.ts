import { pathFault } from '@nodekeeper/protocol';
import { type Call, checkOptions } from './calls.js';
import { shown } from './checks.js';
import { badArgument } from './errors.js';

/** Converts between the paths of the client and the paths of the server, which include the chroot (spec 7.5.6). */
export class Chroot {
  /** `prefix` is empty, or a path without a trailing slash. */
  constructor(readonly prefix: string) {}

  /** Checks the path and the options of a call. Returns the path with the chroot, as the server uses it. */
  accept(call: Call, path: string, options: unknown): string {
    checkOptions(call, path, options);
    return this.toServer(call, path);
  }

  /**
   * Converts a path of the client to the path on the server. Throws a `ZooKeeperError` for a path that no node can
   * have.
   */
  toServer(call: Call, path: string, isSequential = false): string {
    if (typeof path !== 'string') throw badArgument(call.op, undefined, `path must be a string, got ${shown(path)}`);
    // the server appends the sequence number before it validates the path, so "/a/" is valid
    const fault = pathFault(isSequential ? `${path}1` : path);
    if (fault !== undefined) throw badArgument(call.op, path, fault);
    if (this.prefix === '') return path;
    return path === '/' ? this.prefix : this.prefix + path;
  }

  /** Converts a path on the server to the path of the client. A path outside the chroot is returned unchanged. */
  toClient(path: string): string {
    const { prefix } = this;
    if (prefix === '' || !path.startsWith(prefix)) return path;
    if (path.length === prefix.length) return '/';
    return path.charCodeAt(prefix.length) === 47 ? path.slice(prefix.length) : path;
  }
}
