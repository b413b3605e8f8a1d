import type { Link, Ports, ServerAddress } from './ports.js';

const firstIntervalMs = 100;
const longestIntervalMs = 60_000;
const answerMs = 1000;

/**
 * Searches for a server that accepts writes, while the session is on a read-only server. The probe sends the
 * four-letter word `isro` to the other servers, one at a time. The intervals between the probes are those of the Java
 * client (spec 7.2).
 */
export class ReadWriteProbe {
  readonly #ports: Ports;
  readonly #nextServer: () => ServerAddress;
  readonly #found: (server: ServerAddress) => void;
  #intervalMs = firstIntervalMs;
  #cancelTimer: () => void = () => {};
  #link: Link | undefined;
  #isStopped = false;

  constructor(ports: Ports, nextServer: () => ServerAddress, found: (server: ServerAddress) => void) {
    this.#ports = ports;
    this.#nextServer = nextServer;
    this.#found = found;
    this.#wait();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer();
    this.#link?.destroy();
  }

  #wait(): void {
    this.#cancelTimer = this.#ports.scheduler.after(this.#intervalMs, () => this.#ask(this.#nextServer()));
    this.#intervalMs = Math.min(this.#intervalMs * 2, longestIntervalMs);
  }

  #ask(server: ServerAddress): void {
    let answer = '';
    const next = () => {
      this.#cancelTimer();
      this.#link?.destroy();
      this.#link = undefined;
      if (this.#isStopped) return;
      if (answer === 'rw') this.#found(server);
      else this.#wait();
    };
    this.#cancelTimer = this.#ports.scheduler.after(answerMs, next);
    this.#link = this.#ports.dial(server, {
      connected: () => this.#link?.write(Buffer.from('isro')),
      received: (chunk) => {
        answer += chunk.toString('latin1');
        if (answer.length >= 2) next();
      },
      closed: next,
    });
  }
}
