import { Deframer, ProtocolError } from '@nodekeeper/protocol';
import type { Transport, TransportHandler } from '../ports/network.js';
import { guarded } from './peer-input.js';
import type { RecurringTrouble } from './recurring-trouble.js';

/** The largest message. A longer message closes its connection (spec 4.1.9). */
export const messageBytesMax = 512 * 1024;

/** Called with each complete election message, and the id of the server that sent it. */
export type ReceiveMessage = (from: number, message: Buffer) => void;

/** Another server on the election port, and the connection with that server if there is one. */
export class ElectionPeer {
  #transport: Transport | undefined;
  #cancelDial: (() => void) | undefined;
  /** The latest message if it is not sent yet, and otherwise undefined. */
  #waiting: Buffer | undefined;
  #last: Buffer | undefined;

  constructor(
    readonly id: number,
    /** Logs failures to connect to this server. */
    readonly trouble: RecurringTrouble,
    private readonly receive: ReceiveMessage,
    private readonly logError: (reason: string) => void,
  ) {}

  get isConnected(): boolean {
    return this.#transport !== undefined;
  }

  get isDialing(): boolean {
    return this.#cancelDial !== undefined;
  }

  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  dialing(cancel: () => void): void {
    this.#cancelDial = cancel;
  }

  dialed(): void {
    this.#cancelDial = undefined;
  }

  send(frame: Buffer): void {
    this.#waiting = frame;
    this.#flush();
  }

  /** Uses `transport` as the connection with this server. Closes the earlier connection if there is one. */
  take(transport: Transport, bytesMax: number): TransportHandler {
    this.disconnect();
    this.#transport = transport;
    const deframer = new Deframer(bytesMax);
    this.#waiting ??= this.#last;
    this.#flush();
    return {
      receive: (chunk) => this.#transport === transport && this.#read(deframer, chunk),
      drained: () => this.#flush(),
      ended: () => this.#lost(transport),
      closed: () => this.#lost(transport),
    };
  }

  disconnect(): void {
    this.#cancelDial?.();
    this.#cancelDial = undefined;
    const transport = this.#transport;
    this.#transport = undefined;
    transport?.destroy();
  }

  #read(deframer: Deframer, chunk: Buffer): void {
    guarded(
      () => {
        deframer.push(chunk, (bytes, start, end) => {
          if (end === start) throw new ProtocolError('a message of 0 bytes');
          this.receive(this.id, Buffer.from(bytes.subarray(start, end)));
          return this.#transport !== undefined;
        });
      },
      (reason) => {
        this.logError(reason);
        this.disconnect();
      },
    );
  }

  #lost(transport: Transport): void {
    if (this.#transport !== transport) return;
    transport.destroy();
    this.#transport = undefined;
  }

  #flush(): void {
    const frame = this.#waiting;
    if (frame === undefined || this.#transport === undefined || this.#transport.unsentBytes > 0) return;
    this.#waiting = undefined;
    this.#last = frame;
    this.#transport.write(frame);
  }
}
