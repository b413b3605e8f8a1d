import { ErrorCode, errorName, ProtocolError, type Reader } from '@nodekeeper/protocol';
import { addressText, type ServerAddress } from './ports.js';
import type { ClientRequest } from './request.js';
import type { WatchRegistry } from './watch-registry.js';

/**
 * Registers the watch of an answered request, if the request sets one. The error code `err` of the reply decides
 * whether the watch is registered, and as which kind (spec 7.5.1). The watch is registered even if the caller has
 * stopped waiting for the reply.
 */
export function leaveWatch<Watcher>(
  watches: WatchRegistry<Watcher>,
  { watch, path }: ClientRequest<Watcher>,
  err: number,
): void {
  if (watch === undefined) return;
  if (err === ErrorCode.OK) watches.add(watch.kind === 'exists' ? 'data' : watch.kind, path!, watch.watcher);
  else if (err === ErrorCode.NONODE && watch.kind === 'exists') watches.add('exists', path!, watch.watcher);
}

/**
 * Completes the request with the response that `reader` contains, or with the error `err`. The reader must be
 * positioned just after the reply header.
 */
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
    // the frame had a valid length and the expected xid, so the connection is usable: only this request fails
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
