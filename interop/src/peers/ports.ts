import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const rangeFile = '/proc/sys/net/ipv4/ip_local_port_range';
const lowestPort = 12_000;
const given = new Set<number>();

/**
 * Ports of 127.0.0.1 for servers that stop and start again. They are below the system's range for outgoing connections,
 * because such a connection could take the port of a stopped server. No port is returned twice.
 */
export async function lastingPorts(count: number): Promise<number[]> {
  const top = existsSync(rangeFile) ? Number.parseInt(readFileSync(rangeFile, 'utf8'), 10) : 32_768;
  const ports: number[] = [];
  while (ports.length < count) {
    const port = lowestPort + Math.floor(Math.random() * (Math.max(top, lowestPort + 10_000) - lowestPort));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
