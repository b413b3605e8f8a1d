import { ErrorCode } from '@nodekeeper/protocol';
import { type Incoming, requestFrame, type Transport, type WireReader } from '@nodekeeper/server/testing';
import type { World } from '../world/world.js';
import { Requests } from './requests.js';

const livesMs = 1000;
const sessionIsOver: number = ErrorCode.SESSIONEXPIRED;

interface Answered {
  readonly xid: number;
  readonly err: number;
  readonly zxid: number;
}

/**
 * The older connection of a client that has opened another one and still uses both, as if a second process had resumed
 * the session. Both count their requests from the number that the session had reached. Once a write of the newer one is
 * committed, no write of this one may be. Until then the newer one may be at a replaced leader, so that no other server
 * knows of the move.
 */
export class OlderHandle {
  readonly #world: World;
  readonly #client: string;
  readonly #transport: Transport;
  readonly #wire: WireReader;
  readonly #requests: Requests;
  /** Numbers of the writes that were made when the session was at another server. */
  readonly #asked = new Set<number>();
  readonly #answered: Answered[] = [];
  /** The zxid of the first answered write of the newer handle. */
  #movedZxid = Number.POSITIVE_INFINITY;

  constructor(world: World, client: string, random: () => number, transport: Transport, wire: WireReader) {
    this.#world = world;
    this.#client = client;
    this.#transport = transport;
    this.#wire = wire;
    this.#requests = new Requests(`${client}-older`, random);
    world.after(livesMs, () => transport.destroy());
  }

  owns(transport: Transport): boolean {
    return this.#transport === transport;
  }

  /** The newer handle makes a request with this number. */
  ask(xid: number): void {
    const { op, path, body } = this.#requests.write();
    this.#asked.add(xid);
    this.#world.note(`${this.#client} asks ${op} ${path} #${xid} on its older connection`);
    this.#wire.asked(xid, op);
    this.#transport.write(requestFrame(xid, op, body));
  }

  /** Requests from before the move may get any reply. */
  receive(chunk: Buffer): void {
    try {
      this.#wire.push(chunk);
    } catch (error) {
      const answer = `${this.#client} gets a reply to another kind of request on its older connection`;
      this.#world.violate('SessionMoved', `${answer}: ${(error as Error).message}`);
    }
    for (const message of this.#wire.messages.splice(0)) this.#heard(message);
  }

  #heard(message: Incoming): void {
    if (message.kind !== 'reply' || !this.#asked.has(message.reply.xid)) return;
    if (message.reply.err === sessionIsOver) return;
    this.#answered.push(message.reply);
    this.#demandNoneSinceMove();
  }

  /** A write of the newer handle is committed. */
  moved(zxid: number): void {
    this.#movedZxid = Math.min(this.#movedZxid, zxid);
    this.#demandNoneSinceMove();
  }

  #demandNoneSinceMove(): void {
    const wrong = this.#answered.find(({ zxid }) => zxid >= this.#movedZxid);
    this.#world.demand(wrong === undefined, 'SessionMoved', () => {
      return `${this.#client} gets ${wrong!.err} for write ${wrong!.xid} on a connection that its session has left`;
    });
  }
}
