/** A connection to a client or to another server, as the core uses it. */
export interface Transport {
  /** The address in Java's format. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Bytes written that the operating system has not accepted yet. */
  readonly unsentBytes: number;
  /**
   * Sends bytes. If it returns true, the caller may reuse the buffer. If false, the transport owns the buffer from now
   * on.
   */
  write(bytes: Buffer): boolean;
  /** Stops and resumes the calls of `receive`. */
  pause(): void;
  resume(): void;
  /** Closes after everything written is sent. Calls the handler no more. */
  end(): void;
  /** Closes immediately. After that only the handler's `closed` may be called. */
  destroy(): void;
}

/** The core's side of a connection. Calls never nest. */
export interface TransportHandler {
  /** The chunk is valid only during the call. */
  receive(chunk: Buffer): void;
  /** `unsentBytes` has reached zero after `write` returned false. */
  drained(): void;
  /** The other side has sent its last byte but may still read. */
  ended(): void;
  /** The connection is closed. No other method is called after this one. */
  closed(reason: string): void;
}

/** Called for each connection; undefined refuses it. */
export type Accept = (transport: Transport) => TransportHandler | undefined;

/** The address of a server of the ensemble. */
export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

/** The results of an attempt to listen. */
export interface ListenEvents {
  listening(): void;
  /** The address is not available, or its host name is not (yet) known. */
  failed(reason: string, isNameUnknown: boolean): void;
}

/** Connections between servers. */
export interface PeerNetwork {
  /**
   * Listens until the returned function is called; without a host, on every address. Each attempt calls exactly one of
   * the two events.
   */
  listen(address: { host: string | undefined; port: number }, accept: Accept, events: ListenEvents): () => void;
  /**
   * Connects, after resolving the name again. Calls one of the two functions after `dial` has returned. The returned
   * function cancels the attempt, after which neither is called.
   */
  dial(
    address: PeerAddress,
    connected: (transport: Transport) => TransportHandler,
    failed: (reason: string) => void,
  ): () => void;
}
