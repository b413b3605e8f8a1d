import type { LockListing, LockNode } from '../workload/locks.js';
import type { EndedSession } from '../workload/party.js';
import { type Violation, violation } from './violation.js';

/**
 * Checks that the numbers of sequential nodes are unique and increase. Also checks that an ephemeral node belongs to
 * its creator's session and disappears when this session ends.
 */
export function checkLocks(
  created: readonly LockNode[],
  listings: readonly LockListing[],
  ended: readonly EndedSession[],
): Violation[] {
  return [...checkNumbers(created), ...checkOwners(created), ...checkEnded(created, listings, ended)];
}

function checkNumbers(created: readonly LockNode[]): Violation[] {
  const ordered = [...created].sort((one, other) => one.czxid - other.czxid);
  return ordered.slice(1).flatMap((node, index) => {
    const before = ordered[index]!;
    if (numberOf(node.path) > numberOf(before.path)) return [];
    return [violation('A sequential node does not have a higher number than an earlier one', show(before), show(node))];
  });
}

function checkOwners(created: readonly LockNode[]): Violation[] {
  return created
    .filter(({ session, owner }) => session !== owner)
    .map((node) => violation("An ephemeral node belongs to another session than its creator's", show(node)));
}

/**
 * Checks that the nodes of a session are gone after its end was confirmed. No listing that began after the confirmation
 * may contain them.
 */
function checkEnded(
  created: readonly LockNode[],
  listings: readonly LockListing[],
  ended: readonly EndedSession[],
): Violation[] {
  const endedMs = new Map(ended.map(({ session, confirmedMs }) => [session, confirmedMs]));
  const nodes = new Map(created.map((node) => [nameOf(node.path), node]));
  return listings.flatMap(({ names, invokedMs, client }) =>
    names.flatMap((name) => {
      const node = nodes.get(name);
      const overMs = node && endedMs.get(node.session);
      if (node === undefined || overMs === undefined || overMs >= invokedMs) return [];
      const seen = `${client} saw it after a sync begun at ${invokedMs.toFixed(0)} ms; the session ended by ${overMs.toFixed(0)} ms`;
      return [violation('An ephemeral node outlives its session', show(node), seen)];
    }),
  );
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function numberOf(path: string): number {
  return Number(path.slice(-10));
}

function show({ path, session, owner, czxid }: LockNode): string {
  return `${path} of session ${session}: owner ${owner}, czxid ${czxid.toString(16)}`;
}
