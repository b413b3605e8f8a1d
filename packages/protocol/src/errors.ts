/**
 * The error for bytes that violate the format. If the bytes came from the network, the connection is closed. If they
 * came from a file, the message says at which byte the format is violated.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/**
 * ZooKeeper's result codes (spec 1.6): name, number on the wire, and the text after `KeeperErrorCode = `. Codes of -100
 * and below describe the request; codes above -100 describe the system.
 */
export const errorTable = [
  ['OK', 0, 'ok'],
  ['SYSTEMERROR', -1, 'SystemError'],
  ['RUNTIMEINCONSISTENCY', -2, 'RuntimeInconsistency'],
  ['DATAINCONSISTENCY', -3, 'DataInconsistency'],
  ['CONNECTIONLOSS', -4, 'ConnectionLoss'],
  ['MARSHALLINGERROR', -5, 'MarshallingError'],
  ['UNIMPLEMENTED', -6, 'Unimplemented'],
  ['OPERATIONTIMEOUT', -7, 'OperationTimeout'],
  ['BADARGUMENTS', -8, 'BadArguments'],
  ['UNKNOWNSESSION', -12, 'Unknown error UNKNOWNSESSION'],
  ['NEWCONFIGNOQUORUM', -13, 'NewConfigNoQuorum'],
  ['RECONFIGINPROGRESS', -14, 'ReconfigInProgress'],
  ['APIERROR', -100, 'APIError'],
  ['NONODE', -101, 'NoNode'],
  ['NOAUTH', -102, 'NoAuth'],
  ['BADVERSION', -103, 'BadVersion'],
  ['NOCHILDRENFOREPHEMERALS', -108, 'NoChildrenForEphemerals'],
  ['NODEEXISTS', -110, 'NodeExists'],
  ['NOTEMPTY', -111, 'Directory not empty'],
  ['SESSIONEXPIRED', -112, 'Session expired'],
  ['INVALIDCALLBACK', -113, 'Invalid callback'],
  ['INVALIDACL', -114, 'InvalidACL'],
  ['AUTHFAILED', -115, 'AuthFailed'],
  ['SESSIONMOVED', -118, 'Session moved'],
  ['NOTREADONLY', -119, 'Not a read-only call'],
  ['EPHEMERALONLOCALSESSION', -120, 'Ephemeral node on local session'],
  ['NOWATCHER', -121, 'No such watcher'],
  ['REQUESTTIMEOUT', -122, 'Unknown error REQUESTTIMEOUT'],
  ['RECONFIGDISABLED', -123, 'Reconfig is disabled'],
  ['SESSIONCLOSEDREQUIRESASLAUTH', -124, 'Session closed because client failed to authenticate'],
  ['QUOTAEXCEEDED', -125, 'Quota has exceeded'],
  ['THROTTLEDOP', -127, 'Op throttled due to high load'],
] as const;

export type ErrorName = (typeof errorTable)[number][0];

export const ErrorCode = Object.fromEntries(errorTable.map(([name, code]) => [name, code])) as {
  readonly [Row in (typeof errorTable)[number] as Row[0]]: Row[1];
};

const byCode = new Map<number, (typeof errorTable)[number]>(errorTable.map((row) => [row[1], row]));

/** Returns the name of a code, for example `NONODE` for -101. Returns undefined for a number that no server sends. */
export function errorName(code: number): ErrorName | undefined {
  return byCode.get(code)?.[0];
}

/** Returns the text of a code as ZooKeeper's exceptions print it, for example `NoNode` for -101. */
export function errorText(code: number): string {
  return byCode.get(code)?.[2] ?? `Unknown error ${code}`;
}
