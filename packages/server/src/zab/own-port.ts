import type { Logger } from '../log/logger.js';
import type { Accept, PeerAddress, PeerNetwork } from '../ports/network.js';
import { RecurringTrouble } from './recurring-trouble.js';

interface OwnPortOptions {
  /** The name of the port in log lines, for example `electionPort of server.1`. */
  readonly name: string;
  readonly addresses: readonly PeerAddress[];
  /** If true, listens on every address of the machine, not only on the configured ones. */
  readonly listensOnAllAddresses: boolean;
  /** Number of attempts for each address before the server gives up; 0: no limit. */
  readonly attemptsMax: number;
}

interface Listening {
  readonly host: string | undefined;
  readonly port: number;
  readonly trouble: RecurringTrouble;
  state: 'trying' | 'listening' | 'failed';
  /** Number of failed attempts. Attempts that failed because the host name is unknown do not count. */
  attempts: number;
  retryMs: number;
  reason: string;
  stop: () => void;
}

const retryMs = 1000;

/**
 * This server's quorum port or election port, on each of its addresses. The server can work if it listens on one
 * address. It retries each failed address every second.
 */
export class OwnPort {
  readonly #options: OwnPortOptions;
  readonly #network: PeerNetwork;
  readonly #accept: Accept;
  readonly #gaveUp: (reason: string) => void;
  readonly #listenings: Listening[];
  #nowMs: number;
  #isClosed = false;

  /** @param gaveUp called if no address works after `attemptsMax` attempts for each of them */
  constructor(
    options: OwnPortOptions,
    network: PeerNetwork,
    accept: Accept,
    logger: Logger,
    nowMs: number,
    gaveUp: (reason: string) => void = () => {},
  ) {
    this.#options = options;
    this.#network = network;
    this.#accept = accept;
    this.#gaveUp = gaveUp;
    this.#nowMs = nowMs;
    this.#listenings = this.#places().map(({ host, port }) => ({
      host,
      port,
      trouble: new RecurringTrouble(logger, `Listening on ${host ?? '*'}:${port}, the ${options.name}`),
      state: 'trying',
      attempts: 0,
      retryMs: Number.POSITIVE_INFINITY,
      reason: '',
      stop: () => {},
    }));
  }

  #places(): { host: string | undefined; port: number }[] {
    const { addresses, listensOnAllAddresses } = this.#options;
    if (!listensOnAllAddresses) return [...addresses];
    return [...new Set(addresses.map(({ port }) => port))].map((port) => ({ host: undefined, port }));
  }

  start(): void {
    for (const each of this.#listenings) this.#try(each);
  }

  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    for (const each of this.#listenings) if (nowMs >= each.retryMs) this.#try(each);
  }

  /**
   * The reason why no other server can connect to this port. Undefined if other servers can connect, or if the outcome
   * is not known yet.
   */
  get trouble(): string | undefined {
    return this.#listenings.every(({ state }) => state === 'failed') ? this.#listenings[0]?.reason : undefined;
  }

  close(): void {
    this.#isClosed = true;
    for (const { stop } of this.#listenings) stop();
  }

  #try(listening: Listening): void {
    listening.retryMs = Number.POSITIVE_INFINITY;
    listening.stop();
    listening.stop = this.#network.listen(listening, this.#accept, {
      listening: () => {
        listening.state = 'listening';
        listening.trouble.over(this.#nowMs);
      },
      failed: (reason, isNameUnknown) => {
        if (!this.#isClosed) this.#failed(listening, reason, isNameUnknown);
      },
    });
  }

  #failed(listening: Listening, reason: string, isNameUnknown: boolean): void {
    const { attemptsMax, name } = this.#options;
    listening.state = 'failed';
    listening.reason = `cannot listen on ${listening.host ?? '*'}:${listening.port}, the ${name}: ${reason}`;
    if (!isNameUnknown) listening.attempts++;
    listening.retryMs = this.#nowMs + retryMs;
    const isGivenUp = attemptsMax > 0 && this.#listenings.every(({ attempts }) => attempts >= attemptsMax);
    if (isGivenUp && this.trouble !== undefined) this.#gaveUp(listening.reason);
    else listening.trouble.happened(`${listening.reason}; retrying every second`, this.#nowMs);
  }
}
