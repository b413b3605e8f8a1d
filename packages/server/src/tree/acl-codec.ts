import { type ACL, type Reader, readACL, readVector, type Writer, writeACL, writeVector } from '@nodekeeper/protocol';
import { openAcl } from './acl-cache.js';

/*
 * Nearly every ACL is the open ACL, `world:anyone` with every permission. `readAcl` recognises this ACL by its encoded
 * bytes, and always returns the same object for it.
 */

const openAclBytes = Buffer.from('000000010000001f00000005776f726c6400000006616e796f6e65', 'hex');

/** Reads a vector<ACL>. Returns the object `openAcl` for the open ACL. */
export function readAcl(reader: Reader): readonly ACL[] | null {
  const { bytes, position } = reader;
  if (reader.remaining >= openAclBytes.length) {
    let at = 0;
    while (at < openAclBytes.length && bytes[position + at] === openAclBytes[at]) at++;
    if (at === openAclBytes.length) {
      reader.skip(at);
      return openAcl;
    }
  }
  return readVector(reader, 12, readACL);
}

export function writeAcl(out: Writer, acl: readonly ACL[]): void {
  if (acl === openAcl) out.raw(openAclBytes);
  else writeVector(out, acl, writeACL);
}
