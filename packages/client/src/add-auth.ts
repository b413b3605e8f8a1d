import { calls, checkArgument } from './calls.js';
import { aString } from './checks.js';
import type { Failure } from './core/request.js';
import type { Session } from './core/session.js';
import { ZooKeeperError } from './errors.js';
import { someAuth } from './options.js';

/** Resolves when the server has accepted the identity; throws a `ZooKeeperError` where it has not. */
export async function addAuth<Watcher>(
  session: Session<Watcher>,
  scheme: string,
  auth: string | Uint8Array,
): Promise<void> {
  checkArgument(calls.addAuth, undefined, 'scheme', aString, scheme);
  checkArgument(calls.addAuth, undefined, 'auth', someAuth, auth);
  const failure = await new Promise<Failure | undefined>((resolve) =>
    session.addAuth({ scheme, auth: Buffer.from(auth as Uint8Array), done: resolve }),
  );
  if (failure !== undefined) throw new ZooKeeperError(failure, calls.addAuth.op);
}
