import { ErrorCode, errorName, ProtocolError, type Reader } from '@nodekeeper/protocol';
import { addressText, type ServerAddress } from './ports.js';
import type { ClientRequest } from './request.js';
import type { WatchRegistry } from './watch-registry.js';

/** Which reply leaves which watch behind (inventory 7.5.1), whether or not its caller still waits. */
export function leaveWatch<Watcher>(
  watches: WatchRegistry<Watcher>,
  { watch, path }: ClientRequest<Watcher>,
  err: number,
): void {
  if (watch === undefined) return;
  if (err === ErrorCode.OK) watches.add(watch.kind === 'exists' ? 'data' : watch.kind, path!, watch.watcher);
  else if (err === ErrorCode.NONODE && watch.kind === 'exists') watches.add('exists', path!, watch.watcher);
}

/** Gives a request what the server answered; the reader stands behind the reply's header. */
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
    // the frame was whole and in its turn, so only this reply is lost
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
