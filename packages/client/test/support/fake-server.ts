import { createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { Writer, writeConnectResponse, writeReplyHeader } from '@nodekeeper/protocol';

/** Returns a frame whose payload `write` writes. */
export function frame(write: (writer: Writer) => void): Buffer {
  const writer = new Writer(64);
  writer.int(0);
  write(writer);
  const bytes = Buffer.from(writer.view());
  bytes.writeInt32BE(bytes.length - 4);
  return bytes;
}

export const greeting: Buffer = frame((writer) =>
  writeConnectResponse(writer, {
    protocolVersion: 0,
    timeOut: 10_000,
    sessionId: 0x1234n,
    passwd: Buffer.alloc(16, 1),
    readOnly: false,
  }),
);

export function reply(xid: number, err = 0, body: (writer: Writer) => void = () => {}): Buffer {
  return frame((writer) => {
    writeReplyHeader(writer, { xid, zxid: 5, err });
    body(writer);
  });
}

/** Listens on a free port. The function `answer` reacts to each chunk of a client. Returns the port. */
export function fakeServer(
  context: TestContext,
  answer: (socket: Socket, chunk: Buffer, nth: number) => void,
): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    let nth = 0;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => answer(socket, chunk, nth++));
  });
  context.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}
