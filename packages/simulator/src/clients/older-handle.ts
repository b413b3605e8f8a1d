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
 * The older of two connections that a client uses for one session, as if a second process had resumed the session. On
 * both connections, the request numbers (xid) continue from the same number. After a write on the newer connection is
 * committed, no later write on the older connection may be committed. Before that, the older connection may still work,
 * because a replaced leader may have accepted the newer connection.
 */
export class OlderHandle {
  readonly #world: World;
  readonly #client: string;
  readonly #transport: Transport;
  readonly #wire: WireReader;
  readonly #requests: Requests;
  /** The numbers (xid) of the writes on the older connection that were made after the newer connection was opened. */
  readonly #asked = new Set<number>();
  readonly #answered: Answered[] = [];
  /** The zxid of the first answered write on the newer connection. Infinite if there is none. */
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

  /**
   * Called when the newer connection makes a request with this number. Makes a write with the same number on the older
   * connection.
   */
  ask(xid: number): void {
    const { op, path, body } = this.#requests.write();
    this.#asked.add(xid);
    this.#world.note(`${this.#client} asks ${op} ${path} #${xid} on its older connection`);
    this.#wire.asked(xid, op);
    this.#transport.write(requestFrame(xid, op, body));
  }

  /** Called when bytes arrive on the older connection. Requests from before the move may get any reply. */
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

  /** Called when a write on the newer connection is committed. */
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
