import { ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import type { Invocation } from '../history/history.js';
import { now } from '../time.js';

/** A session that has ended, by closing or by expiry. */
export interface EndedSession {
  readonly session: string;
  /** When the client received the reply to its closeSession. Infinity if there was no such reply. */
  readonly confirmedMs: number;
}

/** One client of the run. When its session has ended, the client opens a new one. */
export class Party {
  readonly name: string;
  readonly ended: EndedSession[] = [];
  zk!: ZooKeeper;
  /**
   * Names a session that ended unexpectedly, neither by `close` nor by expiry, and the reason. Undefined if there was
   * none.
   */
  problem: string | undefined;
  #isEnded = false;
  #isClosing = false;

  constructor(
    name: string,
    private readonly connectString: string,
    private readonly sessionTimeoutMs: number,
  ) {
    this.name = name;
    this.#open();
  }

  #open(): void {
    const zk = new ZooKeeper(this.connectString, {
      sessionTimeoutMs: this.sessionTimeoutMs,
      reconnectDelayMs: { base: 50, max: 500 },
      requestTimeoutMs: 15_000,
    });
    this.zk = zk;
    this.#isEnded = false;
    this.#isClosing = false;
    zk.once('Expired', () => {
      this.ended.push({ session: sessionName(zk), confirmedMs: Number.POSITIVE_INFINITY });
      this.#isEnded = true;
    });
    zk.once('Closed', ({ reason }) => {
      if (!this.#isClosing) this.problem = `${this.name}, session ${sessionName(zk)}: ${reason}`;
      this.#isEnded = true;
    });
  }

  /**
   * Waits until the client is connected, with a new session if the last one has ended. Returns false after `timeoutMs`.
   */
  async ready(timeoutMs = 5_000): Promise<boolean> {
    if (this.#isEnded) this.#open();
    try {
      await this.zk.connected({ timeoutMs });
      return true;
    } catch (error) {
      if (!ZooKeeperError.is(error)) throw error;
      return false;
    }
  }

  /** The client, session and server, as the history records them. */
  get who(): Pick<Invocation, 'client' | 'session' | 'server'> {
    return { client: this.name, session: sessionName(this.zk), server: this.zk.server ?? 'none' };
  }

  /** Closes the session. The next call of `ready` opens a new one. */
  async close(): Promise<void> {
    const { zk } = this;
    if (this.#isEnded) return;
    this.#isClosing = true;
    const session = sessionName(zk);
    const wasConnected = zk.state === 'CONNECTED';
    let isAnswered = false;
    zk.once('Closed', ({ reason }) => {
      isAnswered = wasConnected && reason === 'closed by the application';
    });
    await zk.close();
    this.ended.push({ session, confirmedMs: isAnswered ? now() : Number.POSITIVE_INFINITY });
  }
}

function sessionName(zk: ZooKeeper): string {
  return `0x${zk.session.id.toString(16)}`;
}
