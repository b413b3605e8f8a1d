import { readFileSync } from 'node:fs';

/** The version of Apache ZooKeeper whose shell `zkcli` imitates. */
const apacheVersion = '3.9.5';

/** The version text, in the format that nodekeeper's server uses. Scripts read the digits before the first hyphen. */
export function fullVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return `${apacheVersion}-nodekeeper-${manifest.version}, built on 2026-11-22 00:00 UTC`;
}
