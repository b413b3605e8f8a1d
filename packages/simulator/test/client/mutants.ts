import {
  ClientRequest,
  Conversation,
  type Failure,
  KeepAlive,
  ParkedRequests,
  type WatchCallback,
} from '@nodekeeper/client/testing';
import type { SimulatedClient } from './client.js';
import type { Mutant } from './schedule.js';

/** Replaces a property until the schedule is over. */
function replace<T extends object>(object: T, name: keyof T, descriptor: PropertyDescriptor): () => void {
  const before = Object.getOwnPropertyDescriptor(object, name)!;
  Object.defineProperty(object, name, { configurable: true, ...descriptor });
  return () => Object.defineProperty(object, name, before);
}

type Request = ClientRequest<WatchCallback>;

/** A mutant that changes the failure of a request before the caller sees it. */
function onFailure(
  change: (request: Request, failure: Failure, client: SimulatedClient) => Failure | undefined,
): Mutant {
  return (client) => {
    client.requestClass = class extends ClientRequest<WatchCallback> {
      override fail(failure: Failure): void {
        const changed = this.finished ? failure : change(this, failure, client);
        if (changed !== undefined) super.fail(changed);
      }
    };
    return undefined;
  };
}

/** Mutants of the client. Each breaks one rule, to prove that a check notices the violation. */
export const mutants: Readonly<Record<string, Mutant>> = {
  'does not take its watches to the next server': ({ session }) => {
    session.watches.paths = () => [];
    return undefined;
  },

  'asks for changes since a zxid that it has not seen': ({ session: { progress } }) => {
    progress.saw = (zxid) => progress.toldUntil(zxid + 3);
    return undefined;
  },

  'treats one event of a zxid as all of them': ({ session }) => {
    const watchEvent = session.watchEvent.bind(session);
    session.watchEvent = (event, zxid) => {
      watchEvent(event, zxid);
      session.progress.toldUntil(zxid);
    };
    return undefined;
  },

  'does not send PossiblyMissed to persistent watches': ({ session }) => {
    session.watchesReset = () => {};
    return undefined;
  },

  'keeps watches that a server refused': ({ session }) => {
    session.watchesRefused = () => session.watchesReset(session.progress.seenZxid);
    return undefined;
  },

  'calls one-shot watches twice': ({ session }) => {
    const { watches } = session;
    const take = watches.take.bind(watches);
    watches.take = (type, path) => {
      const before = watches.watchers('data', path);
      const found = take(type, path);
      for (const watcher of before ?? []) watches.add('data', path, watcher);
      return found;
    };
    return undefined;
  },

  'registers a watch before the server has it': (client) => {
    const submit = client.session.submit.bind(client.session);
    client.session.submit = (request) => {
      if (request.watch?.kind === 'data') client.session.watches.add('data', request.path!, request.watch.watcher);
      submit(request);
    };
    return undefined;
  },

  'delivers an event after a later reply': (client) => {
    const { session, process } = client;
    const watchEvent = session.watchEvent.bind(session);
    session.watchEvent = (event, zxid) => process.nextTurn(() => watchEvent(event, zxid));
    return undefined;
  },

  'forgets which zxid it has seen when it connects': ({ session }) => {
    const { identity } = session;
    const connectRequest = identity.connectRequest.bind(identity);
    identity.connectRequest = () => connectRequest(0);
    return undefined;
  },

  'opens a new session on each connection': ({ session }) => {
    const { identity } = session;
    const connectRequest = identity.connectRequest.bind(identity);
    identity.connectRequest = (zxid) => ({ ...connectRequest(zxid), sessionId: 0n });
    return undefined;
  },

  'resends requests with an unknown outcome': onFailure((request, failure, { session }) => {
    if (failure.code !== 'CONNECTIONLOSS' || failure.outcome !== 'unknown') return failure;
    const { operation, path, body, watch } = request;
    session.submit(
      new ClientRequest(operation, path, body, watch, (again) => {
        if (again.failure === undefined) request.succeed(again.response);
        else request.fail({ ...again.failure, outcome: 'not-sent' });
      }),
    );
    return undefined;
  }),

  'reports requests as not-sent that may have been carried out': onFailure((_, failure) =>
    failure.outcome === 'unknown' ? { ...failure, outcome: 'not-sent' } : failure,
  ),

  'reports requests as refused when their reply was lost': onFailure((_, failure) =>
    failure.code === 'CONNECTIONLOSS' ? { ...failure, outcome: 'rejected' } : failure,
  ),

  'never ends requests whose connection was lost': onFailure((_, failure) =>
    failure.code === 'CONNECTIONLOSS' ? undefined : failure,
  ),

  'gives the reply to an aborted request to the next one': (client) => {
    const { session } = client;
    const sent: Request[] = [];
    const submit = session.submit.bind(session);
    session.submit = (request) => {
      sent.push(request);
      submit(request);
    };
    const replied = session.replied.bind(session);
    session.replied = (request, err, reader) => {
      const next = sent.find((each) => !each.finished && each.sent);
      replied(request.finished && next !== undefined ? next : request, err, reader);
    };
    return undefined;
  },

  'sends the waiting requests in the wrong order': () => {
    const { drain } = ParkedRequests.prototype;
    return replace(ParkedRequests.prototype, 'drain', {
      value: function* (this: ParkedRequests<unknown>) {
        yield* [...drain.call(this)].reverse();
      },
    });
  },

  'never pings': () => replace(KeepAlive.prototype, 'pingDueMs', { get: () => Number.POSITIVE_INFINITY }),

  'never disconnects from a silent server': () =>
    replace(KeepAlive.prototype, 'givenUpMs', { get: () => Number.POSITIVE_INFINITY }),

  'ends its session too early': () =>
    replace(KeepAlive.prototype, 'expiredMs', {
      get(this: KeepAlive) {
        return this.givenUpMs;
      },
    }),

  'reports Disconnected for each failed attempt': (client) => {
    const { session } = client;
    return replace(Conversation.prototype, 'end', {
      value(this: Conversation<WatchCallback>) {
        this.link.destroy();
        if (session.overFailure === undefined && client.lastEvent === 'Disconnected') client.repeatLastEvent();
      },
    });
  },
};
