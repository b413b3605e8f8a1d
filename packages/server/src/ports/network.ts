/**
 * A connection to a client or to another server. The core sends through this interface and receives through
 * `TransportHandler`.
 */
export interface Transport {
  /** The address of the other side, in Java's format. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Number of written bytes that the operating system has not accepted yet. */
  readonly unsentBytes: number;
  /**
   * Sends bytes. If the result is true, the caller may reuse the buffer. If the result is false, the transport still
   * needs the buffer, and the caller must never change it again.
   */
  write(bytes: Buffer): boolean;
  /** `pause` stops the calls of `receive` until `resume` is called. */
  pause(): void;
  resume(): void;
  /** Closes the connection after all written bytes are sent. No method of the handler is called after `end`. */
  end(): void;
  /** Closes the connection immediately. After `destroy`, only the handler's method `closed` may be called. */
  destroy(): void;
}

/** Receives the events of one connection. A method is never called while another one runs. */
export interface TransportHandler {
  /** Passes received bytes. The chunk is valid only during the call. */
  receive(chunk: Buffer): void;
  /** Called when the operating system has accepted all bytes, after a `write` that returned false. */
  drained(): void;
  /** Called when the other side has sent its last byte. The other side may still read. */
  ended(): void;
  /** Called when the connection is closed. No other method is called after this one. */
  closed(reason: string): void;
}

/** Called for each accepted connection. The connection is refused if the result is undefined. */
export type Accept = (transport: Transport) => TransportHandler | undefined;

/** The address of a server of the ensemble. */
export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

/** The results of an attempt to listen. Each attempt calls one of these functions. */
export interface ListenEvents {
  listening(): void;
  /** The address is not available, or its host name cannot be resolved (yet). */
  failed(reason: string, isNameUnknown: boolean): void;
}

/** Opens and accepts connections between servers. */
export interface PeerNetwork {
  /**
   * Listens on the address, or on every local address if it has no host. Calls exactly one function of `events`. The
   * returned function stops listening.
   */
  listen(address: { host: string | undefined; port: number }, accept: Accept, events: ListenEvents): () => void;
  /**
   * Resolves the host name again and connects. Calls either `connected` or `failed` after `dial` has returned. The
   * returned function cancels the attempt. After a cancellation, neither `connected` nor `failed` is called.
   */
  dial(
    address: PeerAddress,
    connected: (transport: Transport) => TransportHandler,
    failed: (reason: string) => void,
  ): () => void;
}
