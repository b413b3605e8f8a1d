import { ErrorCode, type Reader, type Writer, writeClientInfo, writeVector } from '@nodekeeper/protocol';
import type { Client, ReadState } from './read-state.js';

/**
 * Answers with the scheme and the user name of each id of the connection. A scheme without a provider, such as super,
 * has no user name.
 */
export function readWhoAmI(state: ReadState, client: Client, _reader: Reader, out: Writer): number {
  const infos = client.ids.map(({ scheme, id }) => {
    const provider = state.access.providers.get(scheme ?? '');
    return { authScheme: scheme, user: provider?.userName(id ?? '') ?? '' };
  });
  writeVector(out, infos, writeClientInfo);
  return ErrorCode.OK;
}
