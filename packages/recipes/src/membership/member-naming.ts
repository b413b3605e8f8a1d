import type { Random } from '@nodekeeper/client';
import { uuid } from '../foundation/unique-id.js';

/** How the nodes of a kind of group are named, and where the id of a member is. */
export interface MemberNaming {
  /** True if the data of a node is the value of the member. Otherwise the data is its id, and members have no value. */
  readonly hasValues: boolean;
  /** Returns the name of a new node. */
  nameOf(id: string, random: Random): string;
  /** Returns the id of a member, or undefined if the node does not belong to a member. */
  idOf(name: string, data: string): string | undefined;
}

/** The groups of Curator's `GroupMember`, and of kazoo's `Party` and `ShallowParty`. */
export const memberNamings = {
  curator: {
    hasValues: true,
    nameOf: (id) => id,
    idOf: (name) => name,
  },
  party: {
    hasValues: false,
    nameOf: (_id, random) => `${hexId(random)}__party__`,
    idOf: (name, data) => (name.includes('__party__') ? data : undefined),
  },
  shallow: {
    hasValues: false,
    nameOf: (id, random) => `${hexId(random)}-${id}`,
    // kazoo takes every node for a member
    idOf: (name) => name.slice(name.indexOf('-') + 1),
  },
} as const satisfies Record<string, MemberNaming>;

function hexId(random: Random): string {
  return uuid(random).replaceAll('-', '');
}
