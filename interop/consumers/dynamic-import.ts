/** Compiled as a CommonJS module, with settings under which TypeScript does not let CommonJS `require` ESM. */
export async function version(): Promise<number> {
  const { connect } = await import('@nodekeeper/client');
  const zk = await connect('127.0.0.1:2181');
  return (await zk.get('/a')).stat.version;
}
