import { readFileSync } from 'node:fs';
import { parsePropertiesFile } from '../../src/config/properties-file.js';

/**
 * A configuration and what Apache ZooKeeper 3.9.5 reads from it. The program testdata/ConfigTextVectors.java recorded
 * these configurations in a file.
 */
interface ApacheVector {
  readonly name: string;
  readonly myId: number | null;
  /** True if ZooKeeper ran with -Dzookeeper.multiAddress.enabled=true. */
  readonly multiAddress: boolean;
  readonly zooCfg: string;
  readonly dynamic?: string;
  /** The configuration as ZooKeeper prints it. */
  readonly text?: string;
  /** The reason why ZooKeeper does not start. */
  readonly error?: string;
}

const file = new URL('../../../test/membership/testdata/apache-3.9.5-config-text.json', import.meta.url);

export const apacheVectors: readonly ApacheVector[] = JSON.parse(readFileSync(file, 'utf8'));

/** Returns the properties of a vector that describe members, groups, weights and the version. */
export function membershipEntries({ zooCfg, dynamic, text = '' }: ApacheVector): { key: string; value: string }[] {
  const written = parsePropertiesFile(dynamic ?? zooCfg).properties.filter(({ key }) =>
    /^(?:server|group|weight)\.|^version$/.test(key),
  );
  // The name of a dynamic configuration file contains its version; the file's properties do not.
  const version = /version=(.*)$/.exec(text)?.[1];
  return dynamic === undefined || version === undefined
    ? written
    : [...written, { key: 'version', value: version, line: 0 }];
}
