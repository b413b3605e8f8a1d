import type { Conversation } from './conversation.js';

/** The totals of a session since it was created. */
export interface SessionCounters {
  /** Connections on which the session was granted. */
  connects: number;
  /** Attempts to connect that failed before the session was granted. */
  failedConnects: number;
  /** Connections that were lost. */
  disconnects: number;
  requestsSent: number;
  repliesReceived: number;
  /** Events that servers sent, including events for watches that the client had already removed. */
  watchEvents: number;
  pings: number;
  /** All messages that were sent: requests, pings, greetings. */
  framesSent: number;
  framesReceived: number;
  bytesSent: number;
  bytesReceived: number;
  /** The duration of the last ping in milliseconds; undefined before the first answer. */
  pingMs: number | undefined;
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
