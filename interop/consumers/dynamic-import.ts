/**
 * The test compiles this file to CommonJS. With its TypeScript settings, CommonJS can load an ES module only by
 * `import()`.
 */
export async function version(): Promise<number> {
  const { connect } = await import('@nodekeeper/client');
  const zk = await connect('127.0.0.1:2181');
  return (await zk.get('/a')).stat.version;
}
