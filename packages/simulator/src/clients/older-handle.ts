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
 * The connection that a client has left for another one, still in use: as when a second process goes on with the session
 * of the first. Both count their requests from where the session was, and once a write of the newer one is committed, no
 * write of this one may be. Before that the newer one may be at a leader that has been replaced, so that nobody else
 * knows of the move.
 */
export class OlderHandle {
  readonly #world: World;
  readonly #client: string;
  readonly #transport: Transport;
  readonly #wire: WireReader;
  readonly #requests: Requests;
  /** Writes that were asked for when the session was at another server, by number. */
  readonly #asked = new Set<number>();
  readonly #answered: Answered[] = [];
  /** Of the first write of the newer handle that was answered. */
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

  /** What was asked for before the session moved is answered as it may be. */
  receive(chunk: Buffer): void {
    try {
      this.#wire.push(chunk);
    } catch (error) {
      const answer = `${this.#client} gets an answer of another kind of request on its older connection`;
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
      return `${this.#client} is answered ${wrong!.err} to write ${wrong!.xid} on a connection that its session has left`;
    });
  }
}
