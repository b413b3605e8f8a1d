/** The nodes that every client in the comparison reads and writes. */
import { SetupConnection } from '../setup-connection.js';

const keyCount = 1000;

const paths = Array.from({ length: keyCount }, (_, index) => `/bench/k${String(index).padStart(4, '0')}`);

/** The path of the node for the request with this number. The requests use the nodes in turn. */
export function keyPath(index: number): string {
  return paths[index % keyCount]!;
}

export async function createKeys(port: number, payloadBytes: number): Promise<void> {
  const data = Buffer.alloc(payloadBytes, 'x');
  const setup = await new SetupConnection(port).open();
  await setup.create('/bench', Buffer.alloc(0));
  for (const path of paths) await setup.create(path, data);
  await setup.close();
}
