import type { Stat as StatFields } from './codecs.gen.js';
import { sessionIdHex } from './zxid.js';

/**
 * A decoded Stat. In JSON, the bigint `ephemeralOwner` becomes text in the format of the shell. The text `"0x0"` means
 * that the node has no owner.
 */
class Stat implements StatFields {
  constructor(
    readonly czxid: number,
    readonly mzxid: number,
    readonly ctime: number,
    readonly mtime: number,
    readonly version: number,
    readonly cversion: number,
    readonly aversion: number,
    readonly ephemeralOwner: bigint,
    readonly dataLength: number,
    readonly numChildren: number,
    readonly pzxid: number,
  ) {}

  toJSON(): Omit<StatFields, 'ephemeralOwner'> & { ephemeralOwner: string } {
    return { ...this, ephemeralOwner: sessionIdHex(this.ephemeralOwner) };
  }
}

export { Stat as ReadStat };
