/**
 * A program that attacks a server until it is killed. It sends `ready` to its parent process when the attack is
 * prepared.
 */
import { WireConnection } from '../wire-connection.js';
import { attacks } from './table.js';

/** The number of requests that are in flight at a time while the attack is prepared. */
const setupWindow = 500;

class AttackConnection extends WireConnection {
  private waiting = 0;
  private done: () => void = () => {};

  /** Sends all frames at once. Resolves when each of them has a reply. */
  exchange(frames: readonly Buffer[]): Promise<void> {
    return new Promise((resolve) => {
      this.waiting = frames.length;
      this.done = resolve;
      this.socket.write(Buffer.concat(frames));
    });
  }

  protected onReply(xid: number): void {
    if (xid === 1 && --this.waiting === 0) this.done();
  }

  protected onChunkEnd(): void {}

  protected onFailure(error: Error): void {
    console.error(`The attack is over: ${error.message}`);
  }
}

async function attack(port: number, name: string): Promise<void> {
  const found = attacks.find((candidate) => candidate.name === name)!;
  const connections: AttackConnection[] = [];
  for (let index = 0; index < found.connections; index++) connections.push(await new AttackConnection(port).open());
  const setup = found.setup();
  for (let at = 0; at < setup.length; at += setupWindow) {
    await connections[0]!.exchange(setup.slice(at, at + setupWindow));
  }
  const flood = found.flood();
  process.send!('ready');
  for (const connection of connections) void repeat(connection, flood);
}

async function repeat(connection: AttackConnection, flood: readonly Buffer[]): Promise<never> {
  for (;;) await connection.exchange(flood);
}

process.once('message', ({ port, name }: { port: number; name: string }) => void attack(port, name));
