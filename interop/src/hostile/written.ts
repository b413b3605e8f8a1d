import { RawConnection } from '../raw/connection.js';

const world = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
const paths: readonly string[] = Array.from({ length: 100 }, (_item, index) => `/written-${index}`);

export async function writeNodes(port: number): Promise<void> {
  const connection = await RawConnection.open(port);
  for (const path of paths) {
    await connection.must({ operation: 'create', value: { path, data: Buffer.from(path), acl: world, flags: 0 } });
  }
  await connection.call({ operation: 'closeSession' });
}

/** Throws if a node of `writeNodes` is missing or has other data. */
export async function checkNodes(port: number): Promise<void> {
  const connection = await RawConnection.open(port);
  await connection.must({ operation: 'sync', value: { path: '/' } });
  for (const path of paths) {
    const { data } = await connection.must({ operation: 'getData', value: { path, watch: false } });
    if (String(data) !== path) throw new Error(`${path} is ${data}`);
  }
  await connection.call({ operation: 'closeSession' });
}
