import { ErrorCode, errorName, ProtocolError, type Reader } from '@nodekeeper/protocol';
import { addressText, type ServerAddress } from './ports.js';
import type { ClientRequest } from './request.js';
import type { WatchRegistry } from './watch-registry.js';

/** Adds the watch that this reply sets (spec 7.5.1). The watch is added even if the caller no longer waits. */
export function leaveWatch<Watcher>(
  watches: WatchRegistry<Watcher>,
  { watch, path }: ClientRequest<Watcher>,
  err: number,
): void {
  if (watch === undefined) return;
  if (err === ErrorCode.OK) watches.add(watch.kind === 'exists' ? 'data' : watch.kind, path!, watch.watcher);
  else if (err === ErrorCode.NONODE && watch.kind === 'exists') watches.add('exists', path!, watch.watcher);
}

/** Gives the server's reply to the request. The reader stands after the reply header. */
export function finish<Watcher>(
  request: ClientRequest<Watcher>,
  err: number,
  reader: Reader,
  server: ServerAddress,
): void {
  if (err === ErrorCode.OK) accept(request, reader, server);
  else refuse(request, err);
}

function accept<Watcher>(request: ClientRequest<Watcher>, reader: Reader, server: ServerAddress): void {
  let response: unknown;
  try {
    response = request.operation.read(reader);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    // the frame was complete and in order, so only this reply is lost
    const detail = `the reply from ${addressText(server)} cannot be read: ${error.message}`;
    request.fail({ code: 'MARSHALLINGERROR', outcome: 'unknown', detail, cause: error });
    return;
  }
  request.succeed(response);
}

function refuse<Watcher>(request: ClientRequest<Watcher>, err: number): void {
  const code = errorName(err);
  const detail = code === undefined ? { detail: `the server answered with the unknown error ${err}` } : {};
  request.fail({ code: code ?? 'SYSTEMERROR', outcome: 'rejected', ...detail });
}
