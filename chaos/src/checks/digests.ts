import { type Violation, violation } from './violation.js';

/**
 * The tree digests that servers report (four-letter word `hash`). All servers must report the same digest for a zxid.
 */
export class Digests {
  readonly #told = new Map<string, { readonly digest: string; readonly by: string; readonly servers: Set<string> }>();
  readonly violations: Violation[] = [];

  /** Adds a server's reply to `hash`. Each line of `text` is `zxid: digest`. */
  add(server: string, text: string): void {
    for (const [, zxid, digest] of text.matchAll(/^(?:0x)?([0-9a-f]+): (\S+)$/gm)) this.#addOne(server, zxid!, digest!);
  }

  #addOne(server: string, zxid: string, digest: string): void {
    const known = this.#told.get(zxid);
    if (known === undefined) {
      this.#told.set(zxid, { digest, by: server, servers: new Set([server]) });
      return;
    }
    if (known.digest === digest) known.servers.add(server);
    else if (this.violations.length < 10) {
      const lines = [`${known.by}: ${known.digest}`, `${server}: ${digest}`];
      this.violations.push(violation(`Two servers have different trees at zxid 0x${zxid}`, ...lines));
    }
  }

  /** The number of zxids for which at least `servers` servers reported the same digest. */
  agreements(servers: number): number {
    return [...this.#told.values()].filter((told) => told.servers.size >= servers).length;
  }
}
