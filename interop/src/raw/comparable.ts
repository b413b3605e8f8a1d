import type { Incoming } from './connection.js';
import type { Value } from './records.js';

/** Gives session ids names in the order in which they were opened, so that two servers' sessions compare. */
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

  /** Puts the names into a server's text, where ids are hexadecimal. */
  inText(text: string): string {
    return text.replaceAll(/0x([0-9a-f]{15,16})\b/g, (all, hex: string) => this.get(BigInt(`0x${hex}`)) ?? all);
  }
}

/** A line for something that came in; the lines of two servers that behave alike are equal. */
export function describeIncoming(item: Incoming, sessions: SessionNames): string {
  if (item.kind === 'closed') return 'closed';
  if (item.kind === 'unreadable') return `unreadable ${item.bytes.toString('hex')}`;
  const { xid, zxid, err } = item.header;
  const extra = item.extra === '' ? '' : ` extra ${item.extra}`;
  return `${item.kind} xid ${xid} zxid ${zxid} err ${err} ${describeBody(item.body, sessions)}${extra}`;
}

/** Text of a body in which wall-clock times and session ids do not count, and lists of names are sets. */
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

/** Scheme `auth` puts in all of a connection's ids, which Apache keeps in a hash set. */
function hasSeveralDigests(acl: { id: { scheme: string } }[]): boolean {
  return acl.filter(({ id }) => id.scheme === 'digest').length > 1;
}

function isBufferJson(value: unknown): value is { type: 'Buffer'; data: number[] } {
  return typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'Buffer';
}
