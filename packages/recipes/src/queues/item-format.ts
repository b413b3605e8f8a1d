/** How items are stored in the data of a node. */
export interface ItemFormat {
  encode(items: readonly Buffer[]): Buffer;
  /** Returns undefined if the data has another form. */
  decode(data: Buffer): Buffer[] | undefined;
}

/** The data of the node is the item. */
export const plainFormat: ItemFormat = {
  encode: ([item]) => item!,
  decode: (data) => [data],
};

const formatVersion = 0x00010001;
const itemFollows = 1;
const endOfItems = 2;

/**
 * The form of Curator's queues with a serializer. A node may have several items: a version, then an opcode, a length and
 * the bytes of each item, and an opcode for the end.
 */
export const multiFormat: ItemFormat = {
  encode(items) {
    const version = Buffer.alloc(4);
    version.writeInt32BE(formatVersion);
    const parts = items.flatMap((item) => {
      const head = Buffer.alloc(5);
      head.writeInt8(itemFollows);
      head.writeInt32BE(item.length, 1);
      return [head, item];
    });
    return Buffer.concat([version, ...parts, Buffer.from([endOfItems])]);
  },
  decode(data) {
    if (data.length < 5 || data.readInt32BE() !== formatVersion) return undefined;
    const items: Buffer[] = [];
    let at = 4;
    while (data[at] === itemFollows) {
      if (at + 5 > data.length) return undefined;
      const end = at + 5 + data.readUInt32BE(at + 1);
      if (end > data.length) return undefined;
      items.push(data.subarray(at + 5, end));
      at = end;
    }
    return data[at] === endOfItems ? items : undefined;
  },
};
