/** A connection with a client or with another server, as the core sees it. */
export interface Transport {
  /** As Java prints addresses. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Bytes written and not yet taken by the operating system. */
  readonly unsentBytes: number;
  /** Sends bytes. True: they are out of our hands and the buffer may be reused; false: it belongs to the transport now. */
  write(bytes: Buffer): boolean;
  /** Stops and resumes the calls of `receive`. */
  pause(): void;
  resume(): void;
  /** Closes once everything written is sent. The handler is not called any more. */
  end(): void;
  /** Closes now. Of the handler only `closed` may still be called. */
  destroy(): void;
}

/** What the core does with a connection. Calls never nest. */
export interface TransportHandler {
  /** The chunk is only good during the call. */
  receive(chunk: Buffer): void;
  /** `unsentBytes` has come down to zero after `write` returned false. */
  drained(): void;
  /** The other side has sent its last byte; it may still read. */
  ended(): void;
  /** The connection is gone; nothing is called after this. */
  closed(reason: string): void;
}

/** Called for each connection; undefined refuses it. */
export type Accept = (transport: Transport) => TransportHandler | undefined;

/** Where a server of the ensemble can be reached. */
export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

/** What becomes of an attempt to listen. */
export interface ListenEvents {
  listening(): void;
  /** The address cannot be had, or the name for it is not known (yet). */
  failed(reason: string, isNameUnknown: boolean): void;
}

/** Connections from server to server. */
export interface PeerNetwork {
  /** Listens until the returned function is called; without a host on every address. One attempt: calls one of the two. */
  listen(address: { host: string | undefined; port: number }, accept: Accept, events: ListenEvents): () => void;
  /**
   * Connects; the name is looked up each time. Calls one of the two, after it has returned; the returned function gives
   * up, and then neither is called.
   */
  dial(
    address: PeerAddress,
    connected: (transport: Transport) => TransportHandler,
    failed: (reason: string) => void,
  ): () => void;
}
