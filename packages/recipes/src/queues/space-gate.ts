import { ZooKeeperError } from '@nodekeeper/client';
import type { Call, Caller } from '../foundation/call.js';
import { untilEvent } from '../foundation/until-event.js';
import { firstOnly, WaitingLine } from '../line/waiting-line.js';

/** Lets producers wait for space in a queue. They wait in a line, so that a taken item wakes one of them. */
export class SpaceGate {
  readonly #caller: Caller;
  readonly #path: string;
  readonly #sizeMax: number | undefined;
  readonly #line: WaitingLine;

  /** @param path the directory of the items */
  constructor(caller: Caller, clientsPath: string, path: string, sizeMax: number | undefined) {
    this.#caller = caller;
    this.#path = path;
    this.#sizeMax = sizeMax;
    const marker = '-put-';
    this.#line = new WaitingLine({ ...caller, path: clientsPath }, { naming: 'curator', marker, markers: [marker] });
  }

  /** Runs `put` when the queue has space. */
  async pass(call: Call, put: () => Promise<void>): Promise<void> {
    const { zk } = this.#caller;
    if (this.#sizeMax === undefined) return put();
    const stat = await call.retry(() => zk.exists(this.#path, call.limits));
    if ((stat?.numChildren ?? 0) < this.#sizeMax) return put();
    const ticket = await this.#line.waitForTurn(call, '', firstOnly);
    try {
      await this.#untilSpace(call, this.#sizeMax);
      await put();
    } finally {
      void this.#line.leave(ticket).catch(() => {});
    }
  }

  async #untilSpace(call: Call, sizeMax: number): Promise<void> {
    const { zk } = this.#caller;
    let hasSpace = false;
    while (!hasSpace) {
      await untilEvent(call, 'children', [this.#path], async (watch) => {
        try {
          const { children } = await zk.children(this.#path, { watch, ...call.limits });
          hasSpace = children.length < sizeMax;
        } catch (error) {
          if (!ZooKeeperError.is(error, 'NONODE')) throw error;
          // a queue that does not exist any more is empty
          hasSpace = true;
        }
        return hasSpace;
      });
    }
  }
}
