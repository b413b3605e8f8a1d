/** An accepted connection, as the server's core sees it. */
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
  /** Closes once everything written is sent. */
  end(): void;
  /** Closes now. */
  destroy(): void;
}

/** What the core does with a connection. Calls never nest. */
export interface TransportHandler {
  /** The chunk is only good during the call. */
  receive(chunk: Buffer): void;
  /** `unsentBytes` has come down to zero after `write` returned false. */
  drained(): void;
  /** The client has sent its last byte; it may still read. */
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

/** Connections from server to server. */
export interface PeerNetwork {
  /** Listens until the returned function is called; without a host on every address. `failed` when it cannot be had. */
  listen(
    address: { host: string | undefined; port: number },
    accept: Accept,
    failed: (reason: string) => void,
  ): () => void;
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
