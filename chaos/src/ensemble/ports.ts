import { createServer } from 'node:net';

const lowest = 12_000;
const highest = 30_000;

/**
 * Free TCP ports below the range that the system uses for outgoing connections. So a server can restart on its port,
 * because no outgoing connection takes the port while the server is down.
 */
export async function serverPorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let attempt = 0; ports.size < count; attempt++) {
    if (attempt > 1000) throw new Error(`no ${count} free ports from ${lowest} to ${highest} on 127.0.0.1`);
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
