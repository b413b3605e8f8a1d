import type { Conversation } from './conversation.js';

/** The totals of a session since it was created. */
export interface SessionCounters {
  /** The number of connections on which a server granted the session. */
  connects: number;
  /** The number of attempts to connect that failed before a server granted the session. */
  failedConnects: number;
  /** The number of connections that were lost after a server had granted the session. */
  disconnects: number;
  requestsSent: number;
  repliesReceived: number;
  /** The number of watch events that servers sent, including events for watches that the client had already removed. */
  watchEvents: number;
  pings: number;
  /** The number of messages of all kinds that the client sent, for example pings and connect requests. */
  framesSent: number;
  framesReceived: number;
  bytesSent: number;
  bytesReceived: number;
  /** The time between the last answered ping and its reply, in milliseconds; undefined before the first reply. */
  pingMs: number | undefined;
  /**
   * When the client sent the newest message that a server has answered, on the monotonic clock of the client's ports,
   * in milliseconds. The servers keep the session for at least the session timeout from then on. Undefined before the
   * first session.
   */
  confirmedMs: number | undefined;
}

export function zeroCounters(): SessionCounters {
  return {
    connects: 0,
    failedConnects: 0,
    disconnects: 0,
    requestsSent: 0,
    repliesReceived: 0,
    watchEvents: 0,
    pings: 0,
    framesSent: 0,
    framesReceived: 0,
    bytesSent: 0,
    bytesReceived: 0,
    pingMs: undefined,
    confirmedMs: undefined,
  };
}

export function addTraffic<Watcher>(counters: SessionCounters, conversation: Conversation<Watcher>): void {
  counters.requestsSent += conversation.requestsSent;
  counters.repliesReceived += conversation.repliesReceived;
  counters.watchEvents += conversation.watchEvents;
  counters.framesSent += conversation.outbox.frames;
  counters.bytesSent += conversation.outbox.bytes;
  counters.framesReceived += conversation.framesReceived;
  counters.bytesReceived += conversation.bytesReceived;
}
