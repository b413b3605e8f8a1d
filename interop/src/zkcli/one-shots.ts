/**
 * One run of a shell that gets its command as arguments. The test compares the standard output, the standard error and
 * the exit code of the two shells.
 */
export interface OneShot {
  /** The arguments of the shell. SERVER stands for the server's address. */
  readonly words: readonly string[];
  /**
   * Why the two shells differ on standard error. If this is set, nodekeeper's zkcli must print exactly one line on
   * standard error.
   */
  readonly stderrDiffers?: string;
  /**
   * Set if only nodekeeper's shell refuses the command: a part of its error message. ZooKeeper's shell then ends with
   * exit code 0.
   */
  readonly refusal?: string;
}

const stackTrace = "Apache's shell dies of an exception that it does not expect, and prints where";

const onServer = (command: string, ...more: string[]): OneShot => ({
  words: ['-server', 'SERVER', ...command.split(' '), ...more],
});
const refused = (oneShot: OneShot): OneShot => ({ ...oneShot, refusal: 'Acl is not valid' });
const dies = (oneShot: OneShot): OneShot => ({ ...oneShot, stderrDiffers: stackTrace });

/** The runs, in this order, on one server. */
export const oneShots: readonly OneShot[] = [
  onServer('ls /'),
  onServer('create /made', 'with "quotes" and a \\'),
  onServer('get /made'),
  onServer('get -s /none'),
  onServer('create /made'),
  onServer('create'),
  onServer('set /made x -q'),
  onServer('set -v 7 /made x'),
  onServer('nonsense'),
  onServer('history'),
  onServer('redo 0'),
  onServer('quit'),
  onServer('close'),
  onServer('create -e /ephemeral'),
  onServer('ls', '/'),
  onServer('-waitforconnection stat /made'),
  onServer('-r -timeout 5000 -unknown getAllChildrenNumber /'),
  onServer('addauth nonsense x'),
  dies(onServer('delete -v x /made')),
  dies(onServer('addWatch none')),
  dies(onServer('set -b /made !')),
  dies({ words: ['-server', 'SERVER/', '-timeout', 'x', 'ls', '/'] }),
  dies({ words: ['-server', 'SERVER/a/', 'ls', '/'] }),
  { words: ['-server', '127.0.0.1:1', 'ls', '/'] },
  dies({ words: ['-server', '127.0.0.1:1', '-timeout', '1000', '-waitforconnection', 'ls', '/'] }),
  dies({ words: ['-server', 'SERVER', '-client-configuration', '/none', 'ls', '/'] }),
  refused(onServer('create /wrong x world:anyone:r,nonsense')),
  refused(onServer('create /wronger x world:anyone:rxyz')),
  refused(onServer('setAcl /made world:anyone:y')),
];
