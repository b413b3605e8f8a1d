import { readFileSync } from 'node:fs';

/** The version of Apache ZooKeeper that this shell is the same as. */
const apacheVersion = '3.9.5';

/** As nodekeeper's server says it: scripts read the digits up to the first hyphen. */
export function fullVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return `${apacheVersion}-nodekeeper-${manifest.version}, built on 2026-11-22 00:00 UTC`;
}
