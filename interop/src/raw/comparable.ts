import type { Incoming } from './connection.js';
import type { Value } from './records.js';

/**
 * Names the sessions `session 1`, `session 2` and so on, in the order of opening. With these names in place of ids, the
 * output of two servers can be compared.
 */
export class SessionNames {
  private readonly names = new Map<bigint, string>();

  add(id: bigint): string {
    if (id === 0n) return 'no session';
    if (!this.names.has(id)) this.names.set(id, `session ${this.names.size + 1}`);
    return this.names.get(id)!;
  }

  get(id: bigint): string | undefined {
    return this.names.get(id);
  }

  /** Replaces each hexadecimal session id in a server's text by the name of the session. */
  inText(text: string): string {
    return text.replaceAll(/0x([0-9a-f]{15,16})\b/g, (all, hex: string) => this.get(BigInt(`0x${hex}`)) ?? all);
  }
}

/** Formats an incoming message as one line. Two servers that behave alike give equal lines. */
export function describeIncoming(item: Incoming, sessions: SessionNames): string {
  if (item.kind === 'closed') return 'closed';
  if (item.kind === 'unreadable') return `unreadable ${item.bytes.toString('hex')}`;
  const { xid, zxid, err } = item.header;
  const extra = item.extra === '' ? '' : ` extra ${item.extra}`;
  return `${item.kind} xid ${xid} zxid ${zxid} err ${err} ${describeBody(item.body, sessions)}${extra}`;
}

/**
 * Formats a body for comparison: times are masked, session ids become names, and lists whose order is undefined are
 * sorted.
 */
function describeBody(body: Value, sessions: SessionNames): string {
  return JSON.stringify(body, (key, value: unknown) => {
    if (key === 'children' || key === 'ephemerals') return Array.isArray(value) ? value.toSorted() : value;
    if (key === 'clientInfo' && Array.isArray(value)) return sortedAsText(value);
    if (key === 'acl' && Array.isArray(value) && hasSeveralDigests(value)) return sortedAsText(value);
    if (key === 'ctime' || key === 'mtime') return value === 0n ? 0 : 'a time';
    if (key === 'ephemeralOwner') return sessions.get(value as bigint) ?? String(value);
    if (typeof value === 'bigint') return value.toString();
    if (isBufferJson(value)) return Buffer.from(value.data).toString('latin1');
    return value;
  });
}

function sortedAsText(items: unknown[]): unknown[] {
  return items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/**
 * True if the ACL may come from the scheme `auth`, which inserts all ids of a connection. ZooKeeper keeps these ids in
 * a hash set, so their order is undefined.
 */
function hasSeveralDigests(acl: { id: { scheme: string } }[]): boolean {
  return acl.filter(({ id }) => id.scheme === 'digest').length > 1;
}

function isBufferJson(value: unknown): value is { type: 'Buffer'; data: number[] } {
  return typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'Buffer';
}
