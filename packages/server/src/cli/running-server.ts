/** A server that has started and answers on its client port. */
export interface RunningServer {
  /** The port that clients connect to. */
  readonly port: number;
  /** Closes every connection, flushes the log and resolves once nothing of the server is left. */
  stop(): Promise<void>;
  /** Resolves with the reason if the server has to give up by itself; stays pending otherwise. */
  readonly failed: Promise<Error>;
}
