import { type Acl, Perm } from '@nodekeeper/client';

/** The permission letters, in the order in which the shell prints them. */
const permissionLetters: readonly (readonly [letter: string, bit: number])[] = [
  ['c', Perm.CREATE],
  ['d', Perm.DELETE],
  ['r', Perm.READ],
  ['w', Perm.WRITE],
  ['a', Perm.ADMIN],
];

/**
 * Parses `scheme:id:perms,...`. Reports each malformed entry to `complain`. If any entry is malformed, the result is
 * empty. An ACL of only the valid entries, which ZooKeeper's shell would set, may exclude every client.
 */
export function parseAcl(text: string, complain: (message: string) => void): Acl[] {
  let isGood = true;
  const entries = readEntries(text, (message) => {
    isGood = false;
    complain(message);
  });
  return isGood ? entries : [];
}

function readEntries(text: string, complain: (message: string) => void): Acl[] {
  const entries: Acl[] = [];
  for (const item of splitAsJava(text)) {
    const first = item.indexOf(':');
    const last = item.lastIndexOf(':');
    if (first === last) {
      complain(`${item} does not have the form scheme:id:perm`);
      continue;
    }
    const perms = parsePermissions(item.slice(last + 1), complain);
    entries.push({ scheme: item.slice(0, first), id: item.slice(first + 1, last), perms });
  }
  return entries;
}

function parsePermissions(text: string, complain: (message: string) => void): number {
  let perms = 0;
  for (const letter of text.split('')) {
    const row = permissionLetters.find(([known]) => known === letter);
    if (row === undefined) complain(`Unknown perm type: ${letter}`);
    else perms |= row[1];
  }
  return perms;
}

/** Splits at commas as Java's `String.split` does: empty parts at the end are dropped, unless the text has no comma. */
function splitAsJava(text: string): string[] {
  if (!text.includes(',')) return [text];
  const whole = text.replace(/,+$/, '');
  return whole === '' ? [] : whole.split(',');
}

export function formatPermissions(perms: number): string {
  return permissionLetters
    .filter(([, bit]) => (perms & bit) !== 0)
    .map(([letter]) => letter)
    .join('');
}
