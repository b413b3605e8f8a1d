/**
 * Returns the items of a member.
 *
 * @param id the id of the member
 * @param members the ids of all members
 * @param items all items
 */
export type Partition = (id: string, members: readonly string[], items: readonly string[]) => readonly string[];

/** Divides the items as kazoo does: the members take turns, and each takes the next item in its turn. */
export const everyNth: Partition = (id, members, items) => {
  const first = [...members].sort(byCodePoints).indexOf(id);
  return [...items].sort(byCodePoints).filter((_item, index) => index % members.length === first);
};

/** The order of text in Python. The order of JavaScript differs for characters above U+FFFF. */
function byCodePoints(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
